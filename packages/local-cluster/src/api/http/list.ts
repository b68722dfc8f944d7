import { isJsonObject } from '../../schema/decode.ts'
import type { ApiCore } from '../core/core.ts'
import { type Selected, select } from '../core/select.ts'
import { ApiError, badRequest, expired } from '../errors.ts'
import type { KubernetesObject } from '../objects.ts'
import type { ResourceRequest } from './request-info.ts'

export interface ListPage {
  items: KubernetesObject[]
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }
}

/** GET of a collection. Pages of one list show one revision. Reference: API concepts, "Retrieving large results sets in chunks". */
export function listPage(core: ApiCore, request: ResourceRequest): ListPage {
  const { strategy, namespace, query } = request
  const selection = {
    namespace,
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: nameSelector(request),
  }
  const selected = select(strategy, selection)
  const { matches } = selected
  const limit = nonNegativeInteger(query, 'limit')
  const token = query.get('continue') ?? ''
  if (token !== '') {
    if (!['', '0'].includes(query.get('resourceVersion') ?? '')) {
      throw badRequest('specifying resource version is not allowed when using continue')
    }
    const { revision, start } = decodeContinue(token)
    const objects = objectsAt(core, request, selected, revision < 0 ? core.store.revision : revision, start)
    const rest = objects.filter((object) => matches(object) && keyOf(object) > start)
    return page(rest, limit, revision < 0 ? core.store.revision : revision, selection)
  }
  const revision = requestedRevision(core, query)
  const objects = objectsAt(core, request, selected, revision, '')
  return page(objects.filter(matches), limit, revision, selection)
}

/** `GET .../pods/NAME?watch` and lists select by name with the field selector. */
function nameSelector(request: ResourceRequest): string {
  const given = request.query.get('fieldSelector') ?? ''
  if (request.name === undefined) return given
  return [given, `metadata.name=${request.name}`].filter((part) => part !== '').join(',')
}

function page(
  objects: KubernetesObject[],
  limit: number,
  revision: number,
  selection: { labelSelector: string; fieldSelector: string },
): ListPage {
  const metadata: ListPage['metadata'] = { resourceVersion: String(revision) }
  if (limit === 0 || objects.length <= limit) return { items: objects, metadata }
  const items = objects.slice(0, limit)
  const last = items.at(-1)
  metadata.continue = encodeContinue(revision, last === undefined ? '' : keyOf(last))
  // With selectors the real server does not know how many more there are.
  if (selection.labelSelector === '' && selection.fieldSelector === '') {
    metadata.remainingItemCount = objects.length - limit
  }
  return { items, metadata }
}

function requestedRevision(core: ApiCore, query: URLSearchParams): number {
  const text = query.get('resourceVersion') ?? ''
  const match = query.get('resourceVersionMatch') ?? ''
  const current = core.store.revision
  if (match !== '' && text === '') {
    throw badRequest('resourceVersionMatch is forbidden unless resourceVersion is provided')
  }
  if (text === '' || text === '0') return current
  const wanted = Number(text)
  if (!/^\d+$/.test(text))
    throw badRequest(`Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`)
  if (wanted > current) throw tooLargeRevision(wanted, current)
  return match === 'Exact' ? wanted : current
}

function tooLargeRevision(wanted: number, current: number): ApiError {
  return new ApiError(504, 'Timeout', `Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
}

function objectsAt(
  core: ApiCore,
  request: ResourceRequest,
  { candidates }: Selected,
  revision: number,
  start: string,
): KubernetesObject[] {
  const { strategy, namespace } = request
  if (revision === core.store.revision) return core.store.list(strategy.type, namespace, candidates)
  const objects = core.store.listAt(strategy.type, namespace, revision)
  if (objects !== null) return objects
  if (start === '') throw expired(`The resourceVersion for the provided list is too old.`)
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  )
  error.status.metadata.continue = encodeContinue(-1, start)
  throw error
}

function keyOf(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}

function encodeContinue(revision: number, start: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start })).toString('base64url')
}

function decodeContinue(token: string): { revision: number; start: string } {
  const bytes = Buffer.from(token, 'base64url')
  let value: unknown = null
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const why = `invalid character '${shownByte(bytes[0] ?? 0)}' looking for beginning of value`
    throw badRequest(`invalid continue token: continue key is not valid: ${why}`)
  }
  if (isJsonObject(value) && typeof value.rv === 'number' && typeof value.start === 'string') {
    return { revision: value.rv, start: value.start }
  }
  throw badRequest('invalid continue token: continue key is not valid: it was not made by this server')
}

/** A byte as Go quotes it in its messages. */
function shownByte(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\u${byte.toString(16).padStart(4, '0')}`
}

export function nonNegativeInteger(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? ''
  if (text === '') return 0
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`)
  return Math.max(0, value)
}
