import { isJsonObject } from '../../schema/decode.ts'
import { bindingTarget, bindPod, evictPod } from '../core/pod-subresources.ts'
import type { ObjectPath } from '../core/request.ts'
import { applyScale, patchScale, readScale, updateScale } from '../core/scale.ts'
import { ApiError, badRequest, methodNotSupported } from '../errors.ts'
import { optionalObject, stringOf } from '../kinds/json.ts'
import type { Status } from '../objects.ts'
import { applyType, mediaType, parseApplyBody, parsePatchBody, readBody, unsupportedMediaType } from './body.ts'
import { type Exchange, patchTypes, pathOf, readObject, sendObject, sendWritten } from './exchange.ts'
import { chooseContainer, serveLog } from './log.ts'
import { sendJson } from './respond.ts'
import { requestToken } from './token-request.ts'
import { patch, update } from './write-handler.ts'
import { forceOf, writeContext } from './write-options.ts'

/** What is answered over a connection that the client asks to upgrade; such requests do not come here. */
const streams = new Set(['exec', 'attach', 'portforward'])

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
  if (kind === 'Namespace' && subresource === 'finalize' && method === 'PUT') return finalize(exchange, path)
  if (kind === 'ServiceAccount' && subresource === 'token' && method === 'POST') {
    const body = await readObject(exchange, 'TokenRequest')
    return sendJson(
      response,
      201,
      await requestToken(core, options.tokens, path, body, writeContext(exchange, 'CreateOptions')),
    )
  }
  if (kind === 'Pod' && subresource === 'log' && method === 'GET') {
    return serveLog(core.get(strategy.type, path), options.kubelet(), parsed.query, request, response)
  }
  if (kind === 'Pod' && streams.has(subresource) && (method === 'GET' || method === 'POST')) {
    const pod = core.get(strategy.type, path)
    if (subresource !== 'portforward') chooseContainer(pod, parsed.query.get('container') ?? '')
    throw badRequest('Upgrade request required')
  }
  if (kind === 'Pod' && method === 'POST' && subresource === 'binding') {
    const body = await readObject(exchange, 'Binding')
    bindPod(core, path, { nodeName: bindingTarget(body), dryRun: writeContext(exchange, 'CreateOptions').dryRun })
    await core.store.committed()
    return sendJson(response, 201, success(201))
  }
  if (kind === 'Pod' && method === 'POST' && subresource === 'eviction') {
    const body = await readObject(exchange, 'Eviction')
    const eviction = isJsonObject(body) ? body : null
    const named = stringOf(optionalObject(eviction, 'metadata'), 'name')
    if (named !== '' && named !== path.name) throw badRequest('name in URL does not match name in Eviction object')
    const wanted = optionalObject(eviction, 'deleteOptions')
    const grace = wanted?.gracePeriodSeconds
    const dryRun = writeContext(exchange, 'CreateOptions').dryRun || JSON.stringify(wanted?.dryRun) === '["All"]'
    evictPod(core, path, { dryRun, ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}) })
    await core.store.committed()
    return sendJson(response, 201, success(201))
  }
  throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {})
}

function success(code: number): Status {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code }
}

async function handleScale(exchange: Exchange, method: string, path: ObjectPath): Promise<void> {
  const { core, parsed, request } = exchange
  const { strategy } = parsed
  if (method === 'GET') return sendObject(exchange, 200, readScale(core, strategy, path))
  if (method === 'PUT') {
    const context = writeContext(exchange, 'UpdateOptions')
    const body = await readObject(exchange, 'Scale')
    return sendWritten(exchange, 200, updateScale(core, strategy, path, body, context), context)
  }
  if (method !== 'PATCH') throw methodNotSupported(strategy.type, method.toLowerCase())
  const type = mediaType(request)
  const language = patchTypes[type]
  if (language === undefined && type !== applyType) throw unsupportedMediaType()
  const body = await readBody(request)
  const context = writeContext(exchange, 'PatchOptions', language === undefined)
  if (language === undefined) {
    const config = parseApplyBody(body, context)
    const force = forceOf(parsed.query) === true
    return sendWritten(exchange, 200, applyScale(core, strategy, path, config, context, force), context)
  }
  const change = { type: language, body: parsePatchBody(body, language) }
  await sendWritten(exchange, 200, patchScale(core, strategy, path, change, context), context)
}

/** PUT namespaces/NAME/finalize: replaces spec.finalizers; the last one gone lets the namespace go. */
async function finalize(exchange: Exchange, path: ObjectPath): Promise<void> {
  const { core, parsed } = exchange
  const body = await readObject(exchange, 'Namespace')
  const list = optionalObject(isJsonObject(body) ? body : null, 'spec')?.finalizers
  const finalizers = Array.isArray(list) ? list.filter((item) => typeof item === 'string') : []
  await sendWritten(exchange, 200, core.finalizeNamespace(path.name, finalizers, parsed.strategy))
}
