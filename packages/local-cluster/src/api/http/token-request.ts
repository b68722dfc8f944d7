import { schemaOf } from '../../schema/schema.ts'
import type { ApiCore } from '../core/core.ts'
import { decodeBody } from '../core/decode-body.ts'
import type { ObjectPath, WriteContext } from '../core/request.ts'
import { badRequest, conflict, invalid } from '../errors.ts'
import { optionalObject, stringList, stringOf } from '../kinds/json.ts'
import type { Json, JsonObject } from '../objects.ts'
import { Nodes, Pods, type ResourceType, Secrets, ServiceAccounts } from '../resources.ts'
import { invalidValue } from '../validation/fields.ts'
import { audience, type BoundObject, type ServiceAccountTokens } from './tokens.ts'

const tokenRequests: ResourceType = {
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenRequest',
  plural: 'serviceaccounts/token',
  namespaced: true,
}
const leastSeconds = 600
const mostSeconds = 2 ** 32

/**
 * POST serviceaccounts/NAME/token: a token of the account, which lasts an hour where nothing else is asked for.
 * Reference: https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
 * @throws ApiError 404 for an account that is not there, 422 for a duration out of bounds.
 */
export function requestToken(
  core: ApiCore,
  tokens: ServiceAccountTokens,
  path: ObjectPath,
  body: Json,
  context: WriteContext,
): JsonObject {
  const schema = schemaOf(tokenRequests)
  if (schema === undefined) throw new Error('TokenRequest has no schema.')
  const request = decodeBody({ type: tokenRequests, schema }, body, context)
  const account = core.get(ServiceAccounts, path)
  const spec = optionalObject(request, 'spec')
  const seconds = typeof spec?.expirationSeconds === 'number' ? spec.expirationSeconds : 3600
  const outOfBounds =
    seconds < leastSeconds
      ? 'may not specify a duration less than 10 minutes'
      : seconds > mostSeconds
        ? 'may not specify a duration larger than 2^32 seconds'
        : null
  if (outOfBounds !== null) {
    throw invalid(tokenRequests, '', [invalidValue('spec.expirationSeconds', seconds, outOfBounds)])
  }
  const asked = stringList(spec, 'audiences')
  const audiences = asked.length === 0 ? [audience] : asked
  const bound = optionalObject(spec, 'boundObjectRef')
  const token = tokens.issue(account, audiences, seconds, bound === null ? null : boundObject(core, path, bound))
  const time = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: path.name, namespace: path.namespace, creationTimestamp: time(Date.now()) },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: bound },
    status: { token, expirationTimestamp: time(Date.now() + seconds * 1000) },
  }
}

function boundObject(core: ApiCore, path: ObjectPath, reference: JsonObject): BoundObject {
  const type = [Pods, Secrets, Nodes].find(({ kind }) => kind === stringOf(reference, 'kind'))
  if (type === undefined || stringOf(reference, 'apiVersion') !== 'v1') {
    throw badRequest(
      `cannot bind token to object of type ${stringOf(reference, 'apiVersion')}, Kind=${stringOf(reference, 'kind')}`,
    )
  }
  const name = stringOf(reference, 'name')
  const object = core.get(type, type.namespaced ? { ...path, name } : { name })
  const [uid, wanted] = [object.metadata.uid ?? '', stringOf(reference, 'uid')]
  if (wanted !== '' && wanted !== uid) {
    throw conflict(
      type,
      name,
      `the UID in the bound object reference (${wanted}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  }
  return { key: type.kind.toLowerCase(), name, uid }
}
