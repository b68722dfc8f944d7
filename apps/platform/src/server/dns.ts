import { Resolver } from 'node:dns/promises'
import { AppError } from '@slipway/domain'
import type { TxtReader } from '../ports/outside.ts'

const TIMEOUT_MS = 3_000
const TRIES = 2
/** Answers of a name that is not there, or has no such record. */
const ABSENT = new Set(['ENOTFOUND', 'ENODATA', 'ESERVFAIL', 'EBADNAME'])

/** Asks these name servers, or where there are none those of the system. */
export function createTxtReader(servers: readonly string[]): TxtReader {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES })
  if (servers.length > 0) resolver.setServers(servers)
  return {
    async txt(name) {
      try {
        return (await resolver.resolveTxt(name)).map((parts) => parts.join(''))
      } catch (error) {
        if (error instanceof Error && 'code' in error && ABSENT.has(String(error.code))) return []
        throw new AppError('unavailable', 'DNS did not answer. Try again in a moment.', {}, { cause: error })
      }
    },
  }
}
