import { AppError } from '@slipway/domain'
import { z } from 'zod'
import type { CommitHistory } from '../ports/history.ts'
import type { SourceTokens } from '../sources/token.ts'
import { historyScope } from './history-routes.ts'

const TIMEOUT_MS = 15_000

const commitSchema = z.object({ commit: z.string(), subject: z.string(), author: z.string(), at: z.string() })
const answerSchema = z.object({
  added: z.array(commitSchema),
  removed: z.array(commitSchema),
  hasMore: z.boolean(),
  note: z.string().nullable(),
})

/** Asks the process with the role `git`. */
export function createRemoteHistory(gitUrl: string, tokens: SourceTokens): CommitHistory {
  return {
    async between(query) {
      try {
        const answer = await fetch(`${gitUrl}/internal/history`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${tokens.tokenOf(historyScope(query))}`,
            'content-type': 'application/json',
          },
          body: JSON.stringify(query),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        })
        if (!answer.ok) throw new Error(`The repositories answered ${answer.status}.`)
        return answerSchema.parse(await answer.json())
      } catch (cause) {
        throw new AppError('unavailable', 'The repositories are not reachable.', {}, { cause })
      }
    },
  }
}
