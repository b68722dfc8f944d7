import type { IncomingMessage, ServerResponse } from 'node:http'
import { deleteCollection, remove } from './delete-handler.ts'
import { type Exchange, notAllowed, pathOf, type ResourceHandlerOptions, sendObject, withoutType } from './exchange.ts'
import { ItemTexts } from './json-texts.ts'
import { listPage } from './list.ts'
import { negotiate, partialMetadata } from './negotiate.ts'
import { flag, type ResourceRequest } from './request-info.ts'
import { sendJson, sendJsonText } from './respond.ts'
import { handleSubresource } from './subresource-handler.ts'
import { tableOf } from './tables/table.ts'
import { inVersion, namedType } from './versions.ts'
import { serveWatch } from './watch.ts'
import { create, patch, update } from './write-handler.ts'

/** Every request on a resource. Reference: https://kubernetes.io/docs/reference/using-api/api-concepts/ */
export async function handleResource(
  options: ResourceHandlerOptions,
  parsed: ResourceRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange: Exchange = { options, core: options.core, parsed, request, response }
  const method = request.method ?? 'GET'
  if (parsed.subresource !== undefined) return handleSubresource(exchange, method, parsed.subresource)
  if (method === 'GET' || method === 'HEAD') return read(exchange)
  if (method === 'POST' && parsed.name === undefined) return create(exchange)
  if (method === 'PUT' && parsed.name !== undefined) return update(exchange)
  if (method === 'PATCH' && parsed.name !== undefined) return patch(exchange)
  if (method === 'DELETE') return parsed.name === undefined ? deleteCollection(exchange) : remove(exchange)
  throw notAllowed()
}

const itemTexts = new ItemTexts()

function read(exchange: Exchange): void {
  const { core, parsed, request, response, options } = exchange
  const { strategy, name, query } = parsed
  // Nothing is shown that a crash could take back.
  core.store.commit()
  if (flag(query, 'watch')) {
    serveWatch(core, parsed, request, response, options.watchLimits, options.watchCounters)
    return
  }
  const representation = negotiate(request.headers.accept)
  if (name !== undefined) {
    sendObject(exchange, 200, core.get(strategy.type, pathOf(exchange)))
    return
  }
  const page = listPage(core, parsed)
  const { apiVersion, kind } = namedType(parsed)
  if (representation === 'table') {
    sendJson(response, 200, tableOf(strategy, page.items, page.metadata, query.get('includeObject')))
  } else if (representation === 'metadata') {
    const items = page.items.map(partialMetadata)
    const list = { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata: page.metadata, items }
    sendJson(response, 200, list)
  } else if (parsed.view === undefined) {
    const head = JSON.stringify({ kind: `${kind}List`, apiVersion, metadata: page.metadata }).slice(0, -1)
    const items = page.items.map((object) => itemTexts.get(object))
    sendJsonText(response, 200, `${head},"items":[${items.join(',')}]}\n`)
  } else {
    const items = page.items.map((object) => withoutType(inVersion(parsed, object)))
    sendJson(response, 200, { kind: `${kind}List`, apiVersion, metadata: page.metadata, items })
  }
}
