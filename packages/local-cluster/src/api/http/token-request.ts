import { schemaOf } from '../../schema/schema.ts'
import { timestamp } from '../../times.ts'
import type { ApiCore } from '../core/core.ts'
import { decodeBody } from '../core/decode-body.ts'
import type { ObjectPath, WriteContext } from '../core/request.ts'
import { badRequest, conflict, invalid } from '../errors.ts'
import { optionalObject, stringList, stringOf } from '../kinds/json.ts'
import type { Json, JsonObject } from '../objects.ts'
import { type ResourceType, ServiceAccounts } from '../resources.ts'
import { invalidValue } from '../validation/fields.ts'
import { audience, type BoundObject, bindable, type ServiceAccountTokens } from './tokens.ts'

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
export async function requestToken(
  core: ApiCore,
  tokens: ServiceAccountTokens,
  path: ObjectPath,
  body: Json,
  context: WriteContext,
): Promise<JsonObject> {
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
  const token = await tokens.issue(account, audiences, seconds, bound === null ? null : boundObject(core, path, bound))
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: path.name, namespace: path.namespace, creationTimestamp: timestamp(Date.now()) },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: bound },
    status: { token, expirationTimestamp: timestamp(Date.now() + seconds * 1000) },
  }
}

function boundObject(core: ApiCore, path: ObjectPath, reference: JsonObject): BoundObject {
  const type = bindable.find(({ kind }) => kind === stringOf(reference, 'kind'))
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
  return { type, name, uid }
}
