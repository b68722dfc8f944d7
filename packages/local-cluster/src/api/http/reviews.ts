import type { IncomingMessage, ServerResponse } from 'node:http'
import { schemaOf } from '../../schema/schema.ts'
import { decodeBody } from '../core/decode-body.ts'
import type { WriteContext } from '../core/request.ts'
import { ApiError, invalid } from '../errors.ts'
import { optionalObject, stringList, stringOf } from '../kinds/json.ts'
import type { Json, JsonObject } from '../objects.ts'
import { invalidValue, required } from '../validation/fields.ts'
import { mediaType, parseObjectBody, readBody } from './body.ts'
import { NoSuchPath } from './request-info.ts'
import { sendJson } from './respond.ts'
import { audience, type UserInfo } from './tokens.ts'
import { writeContext } from './write-options.ts'

/** Kinds that are asked and never stored. */
interface Review {
  group: string
  kind: string
  plural: string
  namespaced?: boolean
  status(spec: JsonObject, asker: Asker): JsonObject | Promise<JsonObject>
  /** What is missing in its spec: field and why. */
  lacks?(spec: JsonObject): [field: string, why: string] | null
}

/** Who asks, and whose a token is. */
export interface Asker {
  user: UserInfo
  userOf(token: string, audiences: readonly string[]): Promise<UserInfo | null>
}

/** Everybody with a token may do everything: roles are stored and not enforced, so no review may deny anything. */
const allowed = { allowed: true }
const oneOf = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'

function attributes(spec: JsonObject): [string, string] | null {
  const given = [spec.resourceAttributes, spec.nonResourceAttributes].filter((each) => each !== undefined)
  return given.length === 1 ? null : ['spec.resourceAttributes', oneOf]
}

function subject(spec: JsonObject): [string, string] | null {
  if (stringOf(spec, 'user') !== '' || stringList(spec, 'groups').length > 0) return attributes(spec)
  return ['spec.user', 'at least one of user or group must be specified']
}

const [authentication, authorization] = ['authentication.k8s.io', 'authorization.k8s.io']
const reviews: readonly Review[] = [
  {
    group: authentication,
    kind: 'SelfSubjectReview',
    plural: 'selfsubjectreviews',
    status: (_spec, { user }) => ({ userInfo: { ...user } }),
  },
  {
    group: authentication,
    kind: 'TokenReview',
    plural: 'tokenreviews',
    lacks: (spec) => (stringOf(spec, 'token') === '' ? ['spec.token', ''] : null),
    status: async (spec, { userOf }) => {
      const asked = stringList(spec, 'audiences')
      const audiences = asked.length === 0 ? [audience] : asked
      const user = await userOf(stringOf(spec, 'token'), audiences)
      if (user === null) return { user: {}, error: 'invalid bearer token' }
      return { authenticated: true, user: { ...user }, audiences }
    },
  },
  {
    group: authorization,
    kind: 'LocalSubjectAccessReview',
    plural: 'localsubjectaccessreviews',
    namespaced: true,
    lacks: subject,
    status: () => allowed,
  },
  {
    group: authorization,
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    lacks: attributes,
    status: () => allowed,
  },
  {
    group: authorization,
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    lacks: (spec) => (stringOf(spec, 'namespace') === '' ? ['spec.namespace', ''] : null),
    status: () => ({
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      incomplete: false,
    }),
  },
  {
    group: authorization,
    kind: 'SubjectAccessReview',
    plural: 'subjectaccessreviews',
    lacks: subject,
    status: () => allowed,
  },
]

/** The two groups in the list of groups. */
export const reviewGroups = [authentication, authorization].map((name) => {
  const version = { groupVersion: `${name}/v1`, version: 'v1' }
  return { name, versions: [version], preferredVersion: version }
})

/** Discovery of the groups; null for other paths. */
export function reviewDiscovery(path: string): unknown {
  for (const entry of reviewGroups) {
    if (path === `/apis/${entry.name}`) return { kind: 'APIGroup', apiVersion: 'v1', ...entry }
    if (path !== `/apis/${entry.name}/v1`) continue
    const resources = reviews
      .filter(({ group }) => group === entry.name)
      .map(({ plural, kind, namespaced }) => ({
        name: plural,
        singularName: kind.toLowerCase(),
        namespaced: namespaced ?? false,
        kind,
        verbs: ['create'],
      }))
    return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${entry.name}/v1`, resources }
  }
  return null
}

export const isReviewPath = (path: string) => reviewGroups.some(({ name }) => path.startsWith(`/apis/${name}/v1/`))

/**
 * Answers who somebody is, and what they may do, which is everything.
 * Reference: https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
 * @throws ApiError 400 and 422 for a question that is none, 405 for another method than POST.
 */
export async function serveReview(
  path: string,
  asker: Asker,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const parts = path.split('/').slice(2)
  const [group, , first, namespace, third, ...more] = parts
  const plural = first === 'namespaces' ? third : first
  const review = reviews.find((each) => each.group === group && each.plural === plural)
  const inNamespace = first === 'namespaces'
  if (review === undefined || more.length > 0 || inNamespace !== (review.namespaced ?? false))
    throw new NoSuchPath(path)
  if (!inNamespace && namespace !== undefined) throw new NoSuchPath(path)
  if (request.method !== 'POST') {
    throw new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
  }
  const body = parseObjectBody(await readBody(request), mediaType(request), review.kind)
  const { searchParams: query } = new URL(request.url ?? '/', 'http://127.0.0.1')
  const context = writeContext({ parsed: { query }, request, warnings: [] }, 'CreateOptions')
  sendJson(response, 201, await answer(review, asker, body, context), context.warnings)
}

async function answer(review: Review, asker: Asker, body: Json, context: WriteContext): Promise<JsonObject> {
  const type = {
    apiVersion: `${review.group}/v1`,
    kind: review.kind,
    plural: review.plural,
    namespaced: review.namespaced ?? false,
  }
  const schema = schemaOf(type)
  if (schema === undefined) throw new Error(`${review.kind} has no schema.`)
  const { metadata = {}, spec } = decodeBody({ type, schema }, body, context)
  const given = optionalObject({ spec }, 'spec') ?? {}
  const lack = review.lacks?.(given) ?? null
  if (lack !== null) {
    const [field, why] = lack
    throw invalid(type, '', [why === '' ? required(field) : invalidValue(field, null, why)])
  }
  return {
    kind: review.kind,
    apiVersion: type.apiVersion,
    metadata,
    ...(spec === undefined ? {} : { spec }),
    status: await review.status(given, asker),
  }
}
