import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApiError, badRequest } from '../../types/errors.ts'
import { deleteCollection, remove } from './delete-handler.ts'
import { type Exchange, notAllowed, pathOf, type ResourceHandlerOptions, sendObject } from './exchange.ts'
import { listPage } from './list.ts'
import { noRevision, revisionOf, tooLargeRevision } from './list-options.ts'
import { negotiate } from './negotiate.ts'
import { flag, type ResourceRequest } from './request-info.ts'
import { sendList } from './send-list.ts'
import { handleSubresource } from './subresource-handler.ts'
import { addWarnings } from './warnings.ts'
import { serveWatch } from './watch.ts'
import { create, patch, update } from './write-handler.ts'

/** Every request on a resource. Reference: https://kubernetes.io/docs/reference/using-api/api-concepts/ */
export async function handleResource(
  options: ResourceHandlerOptions,
  parsed: ResourceRequest,
  request: IncomingMessage,
  response: ServerResponse,
  authorizeCreate: () => void,
): Promise<void> {
  const exchange: Exchange = { options, core: options.core, parsed, request, response, warnings: [], authorizeCreate }
  try {
    await answer(exchange)
  } catch (error) {
    if (!response.headersSent) addWarnings(response, exchange.warnings)
    throw error
  }
}

async function answer(exchange: Exchange): Promise<void> {
  const { parsed, request } = exchange
  const method = request.method ?? 'GET'
  if (parsed.subresource !== undefined) return handleSubresource(exchange, method, parsed.subresource)
  if (method === 'GET') return read(exchange)
  if (method === 'POST' && parsed.name === undefined) return create(exchange)
  if (method === 'PUT' && parsed.name !== undefined) return update(exchange)
  if (method === 'PATCH' && parsed.name !== undefined) return patch(exchange)
  if (method === 'DELETE') return parsed.name === undefined ? deleteCollection(exchange) : remove(exchange)
  throw notAllowed()
}

function read(exchange: Exchange): void {
  const { core, parsed, request, response, options } = exchange
  const { strategy, name, query } = parsed
  // Nothing is shown that a crash could take back.
  core.store.commit()
  if (name === undefined && flag(query, 'watch')) {
    serveWatch(core, parsed, request, response, options.watchLimits, options.watchCounters)
    return
  }
  negotiate(request.headers.accept)
  if (name !== undefined) {
    checkGet(query, core.store.revision)
    sendObject(exchange, 200, core.get(strategy.type, pathOf(exchange)))
    return
  }
  sendList(exchange, listPage(core, parsed))
}

/** @throws ApiError for a version that is no number, and for one that has not been reached. */
function checkGet(query: URLSearchParams, current: number): void {
  if (flag(query, 'export')) {
    throw badRequest('the export parameter, deprecated since v1.14, is no longer supported')
  }
  const text = query.get('resourceVersion') ?? ''
  if (text === '') return
  const wanted = revisionOf(text)
  if (wanted === undefined) throw new ApiError(500, undefined, noRevision(text))
  if (wanted > current) throw tooLargeRevision(wanted, current)
}
