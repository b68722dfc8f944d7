import { createHmac, timingSafeEqual } from 'node:crypto'

/** Bearer tokens with which builds read their source: made from the installation's key, so every process knows them. */
export interface SourceTokens {
  tokenOf(buildId: string): string
  verify(buildId: string, token: string): boolean
}

export function createSourceTokens(secretKey: string): SourceTokens {
  const key = Buffer.from(secretKey, 'base64')
  const tokenOf = (buildId: string) => createHmac('sha256', key).update(`source:${buildId}`).digest('base64url')
  return {
    tokenOf,
    verify(buildId, token) {
      const expected = Buffer.from(tokenOf(buildId))
      const given = Buffer.from(token)
      return given.length === expected.length && timingSafeEqual(given, expected)
    },
  }
}
