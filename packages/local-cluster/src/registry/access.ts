import { createPublicKey } from 'node:crypto'
import { errors, jwtVerify } from 'jose'
import { z } from 'zod'

/** Whose tokens open the registry, and where clients get them. */
export interface RegistryTokens {
  /** Public key of the token service, PEM. */
  publicKey: string
  /** Address of the token service. */
  realm: string
}

export type Action = 'pull' | 'push' | 'delete'

/** What the bearer of a token may do. */
export interface Access {
  may(repository: string, actions: readonly Action[]): boolean
}

const ISSUER = 'slipway'
const SERVICE = 'slipway-registry'
const CLOCK_TOLERANCE_SECONDS = 5
const claimsSchema = z.object({
  access: z.array(z.object({ type: z.string(), name: z.string(), actions: z.array(z.string()) })).max(100),
})

/** Without tokens everybody on this machine may do everything: for tests, and registries that only they use. */
const OPEN: Access = { may: () => true }

/** Reads the Authorization header of a request; null: no token, or one that is not good. */
export function createAccessReader(tokens: RegistryTokens | undefined): (header?: string) => Promise<Access | null> {
  if (tokens === undefined) return async () => OPEN
  const key = createPublicKey(tokens.publicKey)
  return async (header = '') => {
    const token = /^Bearer +(\S+)$/i.exec(header)?.[1]
    if (token === undefined) return null
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['ES256', 'RS256'],
        issuer: ISSUER,
        audience: SERVICE,
        requiredClaims: ['exp'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      })
      const { access } = claimsSchema.parse(payload)
      return {
        may: (repository, actions) =>
          actions.every((action) =>
            access.some(
              ({ type, name, actions: granted }) =>
                type === 'repository' && name === repository && granted.includes(action),
            ),
          ),
      }
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) return null
      throw error
    }
  }
}

/**
 * Value of `WWW-Authenticate` that sends a client to the token service.
 * Reference: https://distribution.github.io/distribution/spec/auth/token/
 */
export function challengeOf(tokens: RegistryTokens, repository: string | null, actions: readonly Action[]): string {
  const scope = repository === null ? '' : `,scope="repository:${repository}:${actions.join(',')}"`
  return `Bearer realm="${tokens.realm}",service="${SERVICE}"${scope}`
}
