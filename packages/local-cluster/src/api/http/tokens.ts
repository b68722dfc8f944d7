import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { ApiCore } from '../core/core.ts'
import type { KubernetesObject } from '../objects.ts'
import { ServiceAccounts } from '../resources.ts'

/** Who a request is from, as `kubectl auth whoami` shows it. */
export interface UserInfo {
  username: string
  uid?: string
  groups: string[]
}

/** The issuer of tokens, and the audience that this API is. */
export const audience = 'https://kubernetes.default.svc.cluster.local'

const claimsSchema = z.object({
  aud: z.array(z.string()),
  exp: z.number(),
  nbf: z.number(),
  'kubernetes.io': z.object({
    namespace: z.string(),
    serviceaccount: z.object({ name: z.string(), uid: z.string() }),
  }),
})

/** What a bound token dies with, besides its account. */
export interface BoundObject {
  key: string
  name: string
  uid: string
}

/**
 * Tokens of service accounts: JSON web tokens, signed with a key that comes of the user's token, so that they hold across restarts.
 * Reference: https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
 */
export class ServiceAccountTokens {
  readonly #core: ApiCore
  readonly #key: Buffer

  constructor(core: ApiCore, userToken: string) {
    this.#core = core
    this.#key = createHmac('sha256', userToken).update('service account tokens').digest()
  }

  issue(account: KubernetesObject, audiences: string[], expirationSeconds: number, bound: BoundObject | null): string {
    const { namespace = '', name, uid = '' } = account.metadata
    const nowSeconds = Math.floor(Date.now() / 1000)
    const claims = {
      aud: audiences,
      exp: nowSeconds + expirationSeconds,
      iat: nowSeconds,
      iss: audience,
      jti: randomUUID(),
      'kubernetes.io': {
        namespace,
        ...(bound === null ? {} : { [bound.key]: { name: bound.name, uid: bound.uid } }),
        serviceaccount: { name, uid },
      },
      nbf: nowSeconds,
      sub: `system:serviceaccount:${namespace}:${name}`,
    }
    const parts = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    )
    return `${parts.join('.')}.${this.#sign(parts.join('.'))}`
  }

  /** Whose token it is; null for one that is not ours, is too old, is for others, or whose account is gone. */
  verify(token: string, wantedAudiences: readonly string[] = [audience]): UserInfo | null {
    const [header = '', body = '', signature = '', ...more] = token.split('.')
    const expected = Buffer.from(this.#sign(`${header}.${body}`))
    const given = Buffer.from(signature)
    if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return null
    const claims = claimsSchema.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))).data
    if (claims === undefined) return null
    const nowSeconds = Date.now() / 1000
    if (nowSeconds >= claims.exp || nowSeconds < claims.nbf) return null
    if (!wantedAudiences.some((wanted) => claims.aud.includes(wanted))) return null
    const { namespace, serviceaccount } = claims['kubernetes.io']
    const account = this.#core.find(ServiceAccounts, { namespace, name: serviceaccount.name })
    if (account?.metadata.uid !== serviceaccount.uid) return null
    return {
      username: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
      uid: serviceaccount.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    }
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url')
  }
}
