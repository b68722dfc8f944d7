import { isJsonObject } from '../../schema/decode.ts'
import { schemaOf } from '../../schema/schema.ts'
import { decodeBody } from '../core/decode-body.ts'
import { bindingTarget, bindPod, evictPod } from '../core/pod-subresources.ts'
import type { ObjectPath, WriteContext } from '../core/request.ts'
import { applyScale, patchScale, readScale, updateScale } from '../core/scale.ts'
import { ApiError, badRequest, methodNotSupported } from '../errors.ts'
import { optionalObject, stringOf } from '../kinds/json.ts'
import type { Json, JsonObject, Status } from '../objects.ts'
import type { ResourceType } from '../resources.ts'
import { applyType, mediaType, parseApplyBody, parsePatchBody, readBody, unsupportedMediaType } from './body.ts'
import { hasSubresource } from './discovery.ts'
import { type Exchange, notAllowed, patchTypes, pathOf, readObject, sendObject, sendWritten } from './exchange.ts'
import { serveLog } from './log.ts'
import { sendJson } from './respond.ts'
import { streamed, streamTarget } from './stream-target.ts'
import { requestToken } from './token-request.ts'
import { patch, update } from './write-handler.ts'
import { forceOf, writeContext } from './write-options.ts'

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
  if (kind === 'Pod' && streamed.includes(subresource) && (method === 'GET' || method === 'POST')) {
    streamTarget(core, parsed)
    throw badRequest('Upgrade request required')
  }
  if (kind === 'Pod' && method === 'POST' && subresource === 'binding') {
    const context = writeContext(exchange, 'CreateOptions')
    const binding = decodeAs(bindings, await readObject(exchange, 'Binding'), context)
    if (stringOf(optionalObject(binding, 'metadata'), 'name') !== path.name) {
      throw badRequest('name in URL does not match name in Binding object')
    }
    bindPod(core, path, { nodeName: bindingTarget(binding), dryRun: context.dryRun })
    await core.store.committed()
    return sendJson(response, 201, success(201))
  }
  if (kind === 'Pod' && method === 'POST' && subresource === 'eviction') {
    const context = writeContext(exchange, 'CreateOptions')
    const eviction = decodeAs(evictions, currentEviction(await readObject(exchange, 'Eviction')), context)
    const named = stringOf(optionalObject(eviction, 'metadata'), 'name')
    if (named !== path.name) throw badRequest('name in URL does not match name in Eviction object')
    const wanted = optionalObject(eviction, 'deleteOptions')
    const grace = wanted?.gracePeriodSeconds
    const dryRun = context.dryRun || JSON.stringify(wanted?.dryRun) === '["All"]'
    const conditions = optionalObject(wanted, 'preconditions')
    const [uid, resourceVersion] = [stringOf(conditions, 'uid'), stringOf(conditions, 'resourceVersion')]
    evictPod(core, path, {
      dryRun,
      ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
      preconditions: { ...(uid === '' ? {} : { uid }), ...(resourceVersion === '' ? {} : { resourceVersion }) },
    })
    await core.store.committed()
    return sendJson(response, 201, success(201))
  }
  if (hasSubresource(strategy, subresource)) throw notAllowed()
  throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {})
}

const bindings = { apiVersion: 'v1', kind: 'Binding', plural: 'pods/binding', namespaced: true }
const evictions = { apiVersion: 'policy/v1', kind: 'Eviction', plural: 'pods/eviction', namespaced: true }
const scales = { apiVersion: 'autoscaling/v1', kind: 'Scale', plural: 'scales', namespaced: true }

/** Clients of before 1.22 send the same in an earlier version. */
function currentEviction(body: Json): Json {
  return isJsonObject(body) && body.apiVersion === 'policy/v1beta1' ? { ...body, apiVersion: 'policy/v1' } : body
}

function decodeAs(type: ResourceType, body: Json, context: WriteContext): JsonObject {
  const schema = schemaOf(type)
  if (schema === undefined) throw new Error(`${type.kind} has no schema.`)
  return decodeBody({ type, schema }, body, context)
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
    const body = decodeAs(scales, await readObject(exchange, 'Scale'), context)
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
