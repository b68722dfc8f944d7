import { createHmac, randomUUID } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { ApiCore } from '../core/core.ts'
import type { KubernetesObject } from '../objects.ts'
import { Nodes, Pods, type ResourceType, Secrets, ServiceAccounts } from '../resources.ts'

/** Who a request is from, as `kubectl auth whoami` shows it. */
export interface UserInfo {
  username: string
  uid?: string
  groups: string[]
}

/** The issuer of tokens, and the audience that this API is. */
export const audience = 'https://kubernetes.default.svc.cluster.local'

/** Kinds of objects that a token can be bound to. */
export const bindable = [Pods, Secrets, Nodes]

const named = z.object({ name: z.string(), uid: z.string() })
/** The object that a token is bound to stands under its kind: `pod`, `secret` or `node`. */
const claimsSchema = z.object({
  'kubernetes.io': z.looseObject({ namespace: z.string(), serviceaccount: named }),
})

/** What a bound token dies with, besides its account. */
export interface BoundObject {
  type: ResourceType
  name: string
  uid: string
}

const algorithm = 'HS256'
const claimOf = (type: ResourceType) => type.kind.toLowerCase()

/**
 * Tokens of service accounts: JSON web tokens, signed with a key that comes of the user's token, so that they hold across restarts.
 * Reference: https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
 */
export class ServiceAccountTokens {
  readonly #core: ApiCore
  readonly #key: Uint8Array

  constructor(core: ApiCore, userToken: string) {
    this.#core = core
    this.#key = createHmac('sha256', userToken).update('service account tokens').digest()
  }

  issue(
    account: KubernetesObject,
    audiences: string[],
    expirationSeconds: number,
    bound: BoundObject | null,
  ): Promise<string> {
    const { namespace = '', name, uid = '' } = account.metadata
    const nowSeconds = Math.floor(Date.now() / 1000)
    const about = {
      namespace,
      ...(bound === null ? {} : { [claimOf(bound.type)]: { name: bound.name, uid: bound.uid } }),
      serviceaccount: { name, uid },
    }
    return new SignJWT({ 'kubernetes.io': about })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setIssuer(audience)
      .setSubject(`system:serviceaccount:${namespace}:${name}`)
      .setAudience(audiences)
      .setJti(randomUUID())
      .setIssuedAt(nowSeconds)
      .setNotBefore(nowSeconds)
      .setExpirationTime(nowSeconds + expirationSeconds)
      .sign(this.#key)
  }

  /** Whose token it is; null for one that is not ours, is too old, is for others, or whose account or bound object is gone. */
  async verify(token: string, wantedAudiences: readonly string[] = [audience]): Promise<UserInfo | null> {
    const claims = await this.#claimsOf(token, wantedAudiences)
    if (claims === null) return null
    const { namespace, serviceaccount, ...rest } = claims
    if (!this.#isThere(ServiceAccounts, namespace, serviceaccount)) return null
    for (const type of bindable) {
      const bound = named.safeParse(rest[claimOf(type)]).data
      if (bound !== undefined && !this.#isThere(type, namespace, bound)) return null
    }
    return {
      username: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
      uid: serviceaccount.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    }
  }

  async #claimsOf(token: string, audiences: readonly string[]) {
    try {
      const required = { issuer: audience, audience: [...audiences], algorithms: [algorithm] }
      const { payload } = await jwtVerify(token, this.#key, { ...required, requiredClaims: ['exp', 'nbf'] })
      return claimsSchema.safeParse(payload).data?.['kubernetes.io'] ?? null
    } catch (error) {
      if (error instanceof errors.JOSEError) return null
      throw error
    }
  }

  /** An object of the same name that was made since is another. */
  #isThere(type: ResourceType, namespace: string, { name, uid }: { name: string; uid: string }): boolean {
    return this.#core.find(type, type.namespaced ? { namespace, name } : { name })?.metadata.uid === uid
  }
}
