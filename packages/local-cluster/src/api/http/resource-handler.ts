import type { IncomingMessage, ServerResponse } from 'node:http'
import { giveWay } from '../../give-way.ts'
import { isJsonObject } from '../../schema/decode.ts'
import type { DeleteOptions, KubeletEndpoints, PatchType } from '../client.ts'
import type { ApiCore } from '../core/core.ts'
import { asJson } from '../core/decode-body.ts'
import { applyPatch } from '../core/patch.ts'
import { bindingTarget, bindPod, evictPod } from '../core/pod-subresources.ts'
import type { ObjectPath, WriteContext } from '../core/request.ts'
import { patchScale, readScale, updateScale } from '../core/scale.ts'
import { ApiError, badRequest, invalid, methodNotSupported } from '../errors.ts'
import { optionalObject, stringOf } from '../kinds/json.ts'
import type { VersionView } from '../kinds/views/view.ts'
import type { Json, KubernetesObject, Status } from '../objects.ts'
import { groupOf } from '../resources.ts'
import { notSupported, required } from '../validation/fields.ts'
import { mediaType, parseObjectBody, parsePatchBody, parseYamlBody, readBody, unsupportedMediaType } from './body.ts'
import { ItemTexts } from './json-texts.ts'
import { listPage } from './list.ts'
import { serveLog } from './log.ts'
import { negotiate, partialMetadata } from './negotiate.ts'
import { fieldManagerOf, flag, type ResourceRequest } from './request-info.ts'
import { sendJson, sendJsonText } from './respond.ts'
import { tableOf } from './tables/table.ts'
import { requestToken } from './token-request.ts'
import type { ServiceAccountTokens } from './tokens.ts'
import { inVersion, namedType, storedBody } from './versions.ts'
import { serveWatch, type WatchCounters, type WatchLimits } from './watch.ts'

export interface ResourceHandlerOptions {
  core: ApiCore
  tokens: ServiceAccountTokens
  kubelet(): KubeletEndpoints | null
  watchLimits: WatchLimits
  watchCounters: WatchCounters
}

interface Exchange {
  options: ResourceHandlerOptions
  core: ApiCore
  parsed: ResourceRequest
  request: IncomingMessage
  response: ServerResponse
}

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

function notAllowed(): ApiError {
  return new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

function pathOf({ parsed }: Exchange): ObjectPath {
  const { name = '', namespace, strategy } = parsed
  if (strategy.type.namespaced && namespace === undefined) {
    throw notAllowed()
  }
  return namespace === undefined ? { name } : { namespace, name }
}

function writeContext({ parsed, request }: Exchange): WriteContext {
  const { query } = parsed
  const validation = query.get('fieldValidation') ?? 'Warn'
  if (validation !== 'Strict' && validation !== 'Warn' && validation !== 'Ignore') {
    const errors = [notSupported('fieldValidation', validation, ['', 'Ignore', 'Strict', 'Warn'])]
    throw invalid({ apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' }, '', errors)
  }
  const fieldManager = fieldManagerOf(request, query)
  if (fieldManager.length > 128) throw badRequest('fieldManager: Too long: may not be more than 128 bytes')
  return { fieldManager, dryRun: isDryRun(query.getAll('dryRun')), fieldValidation: validation, warnings: [] }
}

function isDryRun(values: Json[]): boolean {
  const bad = values.find((value) => value !== 'All' && value !== '')
  if (bad !== undefined) {
    const errors = [notSupported('dryRun', values, ['All'])]
    throw invalid({ apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' }, '', errors)
  }
  return values.includes('All')
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

/** The answer to a write: when it is durable. */
async function sendWritten(
  exchange: Exchange,
  code: number,
  object: KubernetesObject,
  context?: WriteContext,
): Promise<void> {
  await exchange.core.store.committed()
  sendObject(exchange, code, object, context)
}

function sendObject(
  exchange: Exchange,
  code: number,
  object: KubernetesObject,
  context?: Pick<WriteContext, 'warnings'>,
): void {
  const { request, response, parsed } = exchange
  const representation = negotiate(request.headers.accept)
  const { resourceVersion } = object.metadata
  const body =
    representation === 'table'
      ? tableOf(
          object.kind === 'Scale' ? { type: { ...parsed.strategy.type, kind: 'Scale' } } : parsed.strategy,
          [object],
          { resourceVersion },
          parsed.query.get('includeObject'),
        )
      : representation === 'metadata'
        ? partialMetadata(object)
        : kindFirst(inVersion(parsed, object))
  sendJson(response, code, body, context?.warnings)
}

async function create(exchange: Exchange): Promise<void> {
  const { core, parsed, request } = exchange
  const { strategy, namespace } = parsed
  if (strategy.type.namespaced) pathOf(exchange)
  const context = writeContext(exchange)
  const body = parseObjectBody(await readBody(request), mediaType(request), strategy.type.kind)
  const stored = storedBody(parsed, body, context, 'create')
  await sendWritten(exchange, 201, core.create(strategy, namespace, stored, context), context)
}

async function update(exchange: Exchange, subresource?: string): Promise<void> {
  const { core, parsed, request } = exchange
  const path = pathOf(exchange)
  const context = writeContext(exchange)
  const body = parseObjectBody(await readBody(request), mediaType(request), parsed.strategy.type.kind)
  const existed = core.find(parsed.strategy.type, path) !== null
  const stored = storedBody(parsed, body, context, 'update')
  const object = core.update(parsed.strategy, path, stored, context, subresource)
  await sendWritten(exchange, existed ? 200 : 201, object, context)
}

const patchTypes: Record<string, PatchType> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
}
const applyTypes = ['application/apply-patch+yaml', 'application/apply-patch+json']

async function patch(exchange: Exchange, subresource?: string): Promise<void> {
  const { core, parsed, request } = exchange
  const { strategy, query } = parsed
  const path = pathOf(exchange)
  const type = mediaType(request)
  const language = patchTypes[type]
  const isApply = applyTypes.includes(type)
  if (language === undefined && !isApply) throw unsupportedMediaType()
  const context = writeContext(exchange)
  const body = await readBody(request)
  if (language !== undefined) {
    const change = { type: language, body: parsePatchBody(body) }
    const patched =
      parsed.view === undefined
        ? core.patch(strategy, path, change, context, subresource)
        : core.update(strategy, path, patchedView(exchange, parsed.view, change, context), context, subresource)
    await sendWritten(exchange, 200, patched, context)
    return
  }
  if ((query.get('fieldManager') ?? '') === '') {
    const errors = [required('fieldManager', 'is required for apply patch')]
    throw invalid({ apiVersion: 'meta.k8s.io/v1', kind: 'PatchOptions' }, '', errors)
  }
  const existed = core.find(strategy.type, path) !== null
  const options = { force: flag(query, 'force'), subresource }
  const config = storedBody(parsed, parseYamlBody(body.toString('utf8')), context, existed ? 'update' : 'create')
  const object = core.apply(strategy, path, config, context, options)
  await sendWritten(exchange, existed ? 200 : 201, object, context)
}

/** A patch speaks of the fields of the version that the request names. */
function patchedView(
  { core, parsed, ...rest }: Exchange,
  view: VersionView,
  change: { type: PatchType; body: Json },
  context: WriteContext,
): Json {
  const shown = view.toView(asJson(core.get(parsed.strategy.type, pathOf({ core, parsed, ...rest }))))
  return storedBody(parsed, applyPatch(view, shown, change), context, 'update')
}

async function deleteOptions({ parsed, request }: Exchange): Promise<DeleteOptions> {
  const { query } = parsed
  const bytes = await readBody(request)
  const sent = bytes.length === 0 ? {} : parseObjectBody(bytes, mediaType(request), 'DeleteOptions')
  const body = isJsonObject(sent) ? sent : {}
  const out: DeleteOptions = {}
  const policy = query.get('propagationPolicy') ?? body.propagationPolicy
  if (policy === 'Background' || policy === 'Foreground' || policy === 'Orphan') out.propagationPolicy = policy
  else if (policy !== undefined && policy !== '') {
    const errors = [notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil'])]
    throw invalid({ apiVersion: 'meta.k8s.io/v1', kind: 'DeleteOptions' }, '', errors)
  } else if (body.orphanDependents === true || flag(query, 'orphanDependents')) out.propagationPolicy = 'Orphan'
  const grace = query.get('gracePeriodSeconds') ?? body.gracePeriodSeconds
  if (grace !== undefined && grace !== '') {
    const seconds = Number(grace)
    if (!Number.isSafeInteger(seconds)) throw badRequest(`gracePeriodSeconds: "${String(grace)}" is not an integer`)
    out.gracePeriodSeconds = seconds
  }
  const conditions = optionalObject(body, 'preconditions')
  if (conditions !== null) {
    out.preconditions = {
      ...(typeof conditions.uid === 'string' ? { uid: conditions.uid } : {}),
      ...(typeof conditions.resourceVersion === 'string' ? { resourceVersion: conditions.resourceVersion } : {}),
    }
  }
  const dryRun = Array.isArray(body.dryRun) ? body.dryRun : []
  if (isDryRun([...query.getAll('dryRun'), ...dryRun])) out.dryRun = true
  return out
}

async function remove(exchange: Exchange): Promise<void> {
  const { core, parsed, response } = exchange
  const { strategy } = parsed
  const path = pathOf(exchange)
  const options = await deleteOptions(exchange)
  const warnings = keepPodsOfJobs(strategy.type.kind, options)
  const { object, gone } = core.delete(strategy, path, options)
  await core.store.committed()
  if (!gone || strategy.returnsDeleted === true) return sendObject(exchange, 200, object, { warnings })
  const group = groupOf(strategy.type)
  const status: Status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: path.name,
      ...(group === '' ? {} : { group }),
      kind: strategy.type.plural,
      ...(object.metadata.uid === undefined ? {} : { uid: object.metadata.uid }),
    },
  }
  sendJson(response, 200, status)
}

/** A Job that goes leaves its pods behind unless its deletion says what becomes of them: so since the first Jobs. */
function keepPodsOfJobs(kind: string, options: DeleteOptions): string[] {
  if (kind !== 'Job' || options.propagationPolicy !== undefined) return []
  options.propagationPolicy = 'Orphan'
  const ways =
    'set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning'
  return [`child pods are preserved by default when jobs are deleted; ${ways}`]
}

async function deleteCollection(exchange: Exchange): Promise<void> {
  const { core, parsed, response } = exchange
  const { strategy } = parsed
  if (strategy.type.kind === 'Namespace') throw methodNotSupported(strategy.type, 'deletecollection')
  const options = await deleteOptions(exchange)
  keepPodsOfJobs(strategy.type.kind, options)
  const { items, metadata } = listPage(core, parsed)
  for (const { metadata: item } of items) {
    const path = item.namespace === undefined ? { name: item.name } : { namespace: item.namespace, name: item.name }
    // Deleting one object may take others of the list along.
    if (core.find(strategy.type, path) !== null) core.delete(strategy, path, options)
    await giveWay()
  }
  await core.store.committed()
  const { kind, apiVersion } = namedType(parsed)
  const shown = items.map((object) => withoutType(inVersion(parsed, object)))
  sendJson(response, 200, { kind: `${kind}List`, apiVersion, metadata, items: shown })
}

async function handleSubresource(exchange: Exchange, method: string, subresource: string): Promise<void> {
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
    const body = parseObjectBody(await readBody(request), mediaType(request), 'TokenRequest')
    return sendJson(response, 201, requestToken(core, options.tokens, path, body, writeContext(exchange)))
  }
  if (kind === 'Pod' && subresource === 'log' && method === 'GET') {
    return serveLog(core.get(strategy.type, path), options.kubelet(), parsed.query, request, response)
  }
  if (kind === 'Pod' && method === 'POST' && subresource === 'binding') {
    const body = parseObjectBody(await readBody(request), mediaType(request), 'Binding')
    bindPod(core, path, { nodeName: bindingTarget(body), dryRun: writeContext(exchange).dryRun })
    await core.store.committed()
    return sendJson(response, 201, success(201))
  }
  if (kind === 'Pod' && method === 'POST' && subresource === 'eviction') {
    const body = parseObjectBody(await readBody(request), mediaType(request), 'Eviction')
    const eviction = isJsonObject(body) ? body : null
    const named = stringOf(optionalObject(eviction, 'metadata'), 'name')
    if (named !== '' && named !== path.name) throw badRequest('name in URL does not match name in Eviction object')
    const wanted = optionalObject(eviction, 'deleteOptions')
    const grace = wanted?.gracePeriodSeconds
    const dryRun = writeContext(exchange).dryRun || JSON.stringify(wanted?.dryRun) === '["All"]'
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
  const context = writeContext(exchange)
  if (method === 'PUT') {
    const body = parseObjectBody(await readBody(request), mediaType(request), 'Scale')
    return sendWritten(exchange, 200, updateScale(core, strategy, path, body, context))
  }
  const language = patchTypes[mediaType(request)]
  if (method !== 'PATCH') throw methodNotSupported(strategy.type, method.toLowerCase())
  if (language === undefined) throw unsupportedMediaType()
  const change = { type: language, body: parsePatchBody(await readBody(request)) }
  await sendWritten(exchange, 200, patchScale(core, strategy, path, change, context))
}

/** PUT namespaces/NAME/finalize: replaces spec.finalizers; the last one gone lets the namespace go. */
async function finalize(exchange: Exchange, path: ObjectPath): Promise<void> {
  const { core, parsed, request } = exchange
  const body = parseObjectBody(await readBody(request), mediaType(request), 'Namespace')
  const list = optionalObject(isJsonObject(body) ? body : null, 'spec')?.finalizers
  const finalizers = Array.isArray(list) ? list.filter((item) => typeof item === 'string') : []
  await sendWritten(exchange, 200, core.finalizeNamespace(path.name, finalizers, parsed.strategy))
}

/** As an item of a typed list, which says both for all. */
function withoutType({
  kind: _kind,
  apiVersion: _version,
  ...item
}: KubernetesObject): Omit<KubernetesObject, 'kind' | 'apiVersion'> {
  return item
}

/** The object with its type in front, as Kubernetes writes it. */
function kindFirst({ kind, apiVersion, ...rest }: KubernetesObject): KubernetesObject {
  return { kind, apiVersion, ...rest }
}
