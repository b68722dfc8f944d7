import { AppError } from '@slipway/domain'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { createCommitHistory } from '../git/history.ts'
import type { Repositories } from '../git/repositories.ts'
import type { CommitQuery } from '../ports/history.ts'
import type { SourceTokens } from '../sources/token.ts'

const commit = z.string().regex(/^[0-9a-f]{40,64}$/)
const querySchema = z.object({ apps: z.array(z.uuid()).min(1).max(50), from: commit, to: commit })

/** What a token for this question is made of. */
export const historyScope = ({ apps, from, to }: CommitQuery) => `history:${from}:${to}:${apps.join()}`

/** `/internal/history` of the process with the role `git`: the commits between two releases, each question with a token of its own. */
export function addHistoryRoutes(
  server: FastifyInstance,
  { repositories, sourceTokens }: { repositories: Repositories; sourceTokens: SourceTokens },
): void {
  const history = createCommitHistory(repositories)
  server.post('/internal/history', async (request, reply) => {
    const query = querySchema.safeParse(request.body).data
    const token = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
    if (query === undefined || !sourceTokens.verify(historyScope(query), token))
      throw new AppError('not_found', 'There is nothing here.')
    return reply.header('cache-control', 'no-store').send(await history.between(query))
  })
}
