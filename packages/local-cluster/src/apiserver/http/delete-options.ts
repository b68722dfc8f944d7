import type { DeleteOptions } from '../../types/client.ts'
import { badRequest, type FieldError, invalid } from '../../types/errors.ts'
import { isJsonObject, optionalObject, stringList } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import { decode } from '../schema/decode.ts'
import { DecodeError } from '../schema/decode-errors.ts'
import { cannotUnmarshal } from '../schema/go-values.ts'
import { schemaOf } from '../schema/schema.ts'
import { noKind, UnrecognizedError } from '../unrecognized.ts'
import { invalidValue, notSupported } from '../validation/fields.ts'
import { mediaType, parseObjectBody, readBody } from './body.ts'
import type { Exchange } from './exchange.ts'
import { flag } from './request-info.ts'
import { dryRunErrors } from './write-options.ts'

const policies = ['Foreground', 'Background', 'Orphan', 'nil']
/** Versions of all groups that are served know the kind. */
const ownVersions = /^(?:v1|(?:[a-z0-9.-]+\/)?v\d+(?:(?:alpha|beta)\d+)?)$/

/** The options of a deletion: of its body, or, where there is none, of its query. Reference: handlers.DeleteResource. */
export async function deleteOptions(exchange: Exchange): Promise<DeleteOptions> {
  const { parsed, request } = exchange
  const bytes = await readBody(request)
  const options = bytes.length > 0 ? bodyOptions(bytes, mediaType(request)) : queryOptions(parsed.query)
  const errors = wrongOptions(options)
  if (errors.length > 0) throw invalid({ apiVersion: 'meta.k8s.io/v1', kind: 'DeleteOptions' }, '', errors)
  const { propagationPolicy: policy, orphanDependents, gracePeriodSeconds } = options
  const out: DeleteOptions = {}
  if (policy === 'Background' || policy === 'Foreground' || policy === 'Orphan') out.propagationPolicy = policy
  else if (orphanDependents === true) out.propagationPolicy = 'Orphan'
  else if (orphanDependents === false) out.propagationPolicy = 'Background'
  if (typeof gracePeriodSeconds === 'number') out.gracePeriodSeconds = gracePeriodSeconds
  const conditions = optionalObject(options, 'preconditions')
  if (conditions !== null) {
    const { uid, resourceVersion } = conditions
    out.preconditions = {
      ...(typeof uid === 'string' ? { uid } : {}),
      ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    }
  }
  if (stringList(options, 'dryRun').length > 0) out.dryRun = true
  return out
}

function bodyOptions(bytes: Buffer, type: string): JsonObject {
  const schema = schemaOf({ apiVersion: 'v1', kind: 'DeleteOptions' })
  if (schema === undefined) throw new Error('DeleteOptions has no schema.')
  const body = readOptions(bytes, type)
  if (!isJsonObject(body)) return {}
  const { apiVersion = 'v1', kind = 'DeleteOptions' } = body
  if (typeof kind !== 'string') throw badRequest(noKind(cannotUnmarshal(kind, 'Go struct field .kind', 'string')))
  if (typeof apiVersion !== 'string') {
    throw badRequest(noKind(cannotUnmarshal(apiVersion, 'Go struct field .apiVersion', 'string')))
  }
  if (kind !== 'DeleteOptions' || !ownVersions.test(apiVersion)) {
    const where = 'scheme "pkg/apis/meta/internalversion/scheme/register.go:27"'
    throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}" in ${where}`)
  }
  try {
    return decode(schema, body).value
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(error.message)
    throw error
  }
}

/** What is wrong with them is said without the kind that they should have been. */
function readOptions(bytes: Buffer, type: string): Json {
  try {
    return parseObjectBody(bytes, type, 'DeleteOptions')
  } catch (error) {
    throw error instanceof UnrecognizedError ? badRequest(error.why) : error
  }
}

function queryOptions(query: URLSearchParams): JsonObject {
  const options: JsonObject = { dryRun: query.getAll('dryRun') }
  const policy = query.get('propagationPolicy')
  if (policy !== null) options.propagationPolicy = policy
  if (query.has('orphanDependents')) options.orphanDependents = flag(query, 'orphanDependents')
  const grace = query.get('gracePeriodSeconds')
  if (grace !== null && grace !== '') {
    if (!/^[-+]?\d+$/.test(grace)) throw badRequest(`strconv.ParseInt: parsing "${grace}": invalid syntax`)
    options.gracePeriodSeconds = Number(grace)
  }
  return options
}

/** Reference: apis/meta/v1/validation.ValidateDeleteOptions. */
function wrongOptions({ propagationPolicy, orphanDependents, ...options }: JsonObject): FieldError[] {
  const errors: FieldError[] = []
  const policy = propagationPolicy ?? undefined
  if (policy !== undefined && orphanDependents !== undefined) {
    const why = 'orphanDependents and deletionPropagation cannot be both set'
    errors.push(invalidValue('propagationPolicy', policy, why))
  }
  if (policy !== undefined && !policies.slice(0, -1).includes(String(policy))) {
    errors.push(notSupported('propagationPolicy', policy, policies))
  }
  errors.push(...dryRunErrors(stringList(options, 'dryRun')))
  return errors
}
