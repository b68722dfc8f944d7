import { createHmac } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { KubernetesObject } from '../../types/objects.ts'
import { Pods, type ResourceType, ServiceAccounts } from '../../types/resources.ts'
import type { ApiCore } from '../core/core.ts'
import type { ObjectPath } from '../core/request.ts'

/** Who a request is from. */
export interface UserInfo {
  username: string
  groups: string[]
}

/** The issuer of tokens, and the audience that this API is. */
const audience = 'https://kubernetes.default.svc.cluster.local'
const algorithm = 'HS256'
/** Nobody renews the files of a pod: a token ends with its account and its pod, not by the clock. */
const lifetimeSeconds = 10 * 365 * 86_400

const named = z.object({ name: z.string(), uid: z.string() })
const claimsSchema = z.object({
  'kubernetes.io': z.object({ namespace: z.string(), serviceaccount: named, pod: named.optional() }),
})

/**
 * Tokens of service accounts: JSON web tokens, signed with a key that is derived from the administrator's token, so that they
 * hold across restarts. Those of a pod or an account are always the same.
 * Reference: https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
 */
export class ServiceAccountTokens {
  readonly #core: ApiCore
  readonly #key: Uint8Array

  constructor(core: ApiCore, adminToken: string) {
    this.#core = core
    this.#key = createHmac('sha256', adminToken).update('service account tokens').digest()
  }

  /**
   * @param pod what the token is bound to: it ends with it
   * @throws ApiError 404 for an account that is not there
   */
  issue(path: ObjectPath, pod?: KubernetesObject): Promise<string> {
    const account = this.#core.get(ServiceAccounts, path)
    const { namespace = '', name } = account.metadata
    const sinceSeconds = Math.floor(Date.parse((pod ?? account).metadata.creationTimestamp ?? '') / 1000)
    const about = { namespace, serviceaccount: identity(account), ...(pod === undefined ? {} : { pod: identity(pod) }) }
    return new SignJWT({ 'kubernetes.io': about })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setIssuer(audience)
      .setSubject(`system:serviceaccount:${namespace}:${name}`)
      .setAudience(audience)
      .setIssuedAt(sinceSeconds)
      .setNotBefore(sinceSeconds)
      .setExpirationTime(sinceSeconds + lifetimeSeconds)
      .sign(this.#key)
  }

  /** Whose token it is; null for one that is not ours, is too old, or whose account or pod is gone. */
  async verify(token: string): Promise<UserInfo | null> {
    const claims = await this.#claimsOf(token)
    if (claims === null) return null
    const { namespace, serviceaccount, pod } = claims
    if (!this.#isThere(ServiceAccounts, namespace, serviceaccount)) return null
    if (pod !== undefined && !this.#isThere(Pods, namespace, pod)) return null
    return {
      username: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    }
  }

  async #claimsOf(token: string) {
    try {
      const required = { issuer: audience, audience, algorithms: [algorithm], requiredClaims: ['exp', 'nbf'] }
      const { payload } = await jwtVerify(token, this.#key, required)
      return claimsSchema.safeParse(payload).data?.['kubernetes.io'] ?? null
    } catch (error) {
      if (error instanceof errors.JOSEError) return null
      throw error
    }
  }

  /** An object of the same name that was made since is another. */
  #isThere(type: ResourceType, namespace: string, { name, uid }: { name: string; uid: string }): boolean {
    return this.#core.find(type, { namespace, name })?.metadata.uid === uid
  }
}

const identity = ({ metadata: { name, uid = '' } }: KubernetesObject) => ({ name, uid })
