import { giveWay } from '../../give-way.ts'
import { isJsonObject } from '../../schema/decode.ts'
import type { DeleteOptions } from '../client.ts'
import { badRequest, invalid, methodNotSupported } from '../errors.ts'
import { optionalObject } from '../kinds/json.ts'
import type { Status } from '../objects.ts'
import { groupOf } from '../resources.ts'
import { notSupported } from '../validation/fields.ts'
import { mediaType, parseObjectBody, readBody } from './body.ts'
import { type Exchange, pathOf, sendObject, withoutType } from './exchange.ts'
import { listPage } from './list.ts'
import { flag } from './request-info.ts'
import { sendJson } from './respond.ts'
import { inVersion, namedType } from './versions.ts'
import { isDryRun } from './write-options.ts'

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

/** DELETE of one object. */
export async function remove(exchange: Exchange): Promise<void> {
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

/** DELETE of all objects that the request selects. */
export async function deleteCollection(exchange: Exchange): Promise<void> {
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
