import { ApiError, badRequest, methodNotSupported } from '../../types/errors.ts'
import type { ObjectPath } from '../core/request.ts'
import { readScale, writeScale } from '../core/scale.ts'
import { mediaType, parsePatchBody, readBody, unsupportedMediaType } from './body.ts'
import { hasSubresource } from './discovery.ts'
import { type Exchange, notAllowed, patchTypes, pathOf, readObject, sendObject, sendWritten } from './exchange.ts'
import { serveLog } from './log.ts'
import { streamTarget } from './stream-target.ts'
import { patch, update } from './write-handler.ts'
import { writeContext } from './write-options.ts'

/** Requests on a part of an object: `…/NAME/SUBRESOURCE`. */
export async function handleSubresource(exchange: Exchange, method: string, subresource: string): Promise<void> {
  const { core, parsed, request, response, options } = exchange
  const { strategy } = parsed
  const { kind } = strategy.type
  const path = pathOf(exchange)
  if (subresource === 'status' && strategy.hasStatus === true) {
    if (method === 'GET') return sendObject(exchange, 200, core.get(strategy.type, path))
    if (method === 'PUT') return update(exchange, 'status')
    if (method === 'PATCH') return patch(exchange, 'status')
  }
  if (subresource === 'scale' && strategy.hasScale === true) return handleScale(exchange, method, path)
  if (kind === 'Namespace' && subresource === 'finalize' && method === 'PUT') return update(exchange, 'finalize')
  if (kind === 'Pod' && subresource === 'log' && method === 'GET') {
    return serveLog(core.get(strategy.type, path), options.kubelet(), parsed.query, request, response)
  }
  if (kind === 'Pod' && ['attach', 'exec'].includes(subresource) && (method === 'GET' || method === 'POST')) {
    streamTarget(core, parsed)
    throw badRequest('Upgrade request required')
  }
  if (hasSubresource(strategy, subresource)) throw notAllowed()
  throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {})
}

async function handleScale(exchange: Exchange, method: string, path: ObjectPath): Promise<void> {
  const { core, parsed, request } = exchange
  const { strategy } = parsed
  if (method === 'GET') return sendObject(exchange, 200, readScale(core, strategy, path))
  if (method === 'PUT') {
    const context = writeContext(exchange, 'UpdateOptions')
    const change = { type: 'replace' as const, body: await readObject(exchange, 'Scale') }
    return sendWritten(exchange, 200, writeScale(core, strategy, path, change, context), context)
  }
  if (method !== 'PATCH') throw methodNotSupported(strategy.type, method.toLowerCase())
  const type = patchTypes[mediaType(request)]
  if (type === undefined) throw unsupportedMediaType()
  const context = writeContext(exchange, 'PatchOptions')
  const change = { type, body: parsePatchBody(await readBody(request), type) }
  await sendWritten(exchange, 200, writeScale(core, strategy, path, change, context), context)
}
