import { APP_ERROR_CODES, AppError } from '@slipway/domain'
import { z } from 'zod'
import type { SourceTokens } from '../sources/token.ts'
import { type BuildSources, preparedBuildSchema } from './prepare.ts'

/** Longer than a fetch may take. */
const TIMEOUT_MS = 15 * 60_000

const errorSchema = z.object({ error: z.object({ code: z.enum(APP_ERROR_CODES), message: z.string() }) })

/** Asks the process with the role `git` to prepare builds. */
export function createRemoteSources(gitUrl: string, tokens: SourceTokens): BuildSources {
  return {
    async prepare(buildId, signal) {
      const answer = await fetch(`${gitUrl}/internal/builds/${buildId}/prepare`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.tokenOf(buildId)}` },
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      }).catch((error: unknown) => {
        signal.throwIfAborted()
        throw new AppError('unavailable', 'The repositories are not reachable.', {}, { cause: error })
      })
      const body: unknown = await answer.json()
      if (answer.ok) return preparedBuildSchema.parse(body)
      const failure = errorSchema.safeParse(body)
      if (failure.success) throw new AppError(failure.data.error.code, failure.data.error.message)
      throw new AppError('unavailable', `The repositories answered ${answer.status}.`)
    },
  }
}
