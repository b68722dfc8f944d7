import { APP_ERROR_CODES, AppError } from '@slipway/domain'
import { z } from 'zod'
import { pause } from '../server/pause.ts'
import type { SourceTokens } from '../sources/token.ts'
import { type BuildSources, preparedBuildSchema } from './prepare.ts'

/** Longer than a fetch may take. */
const TIMEOUT_MS = 15 * 60_000
/** As long as that process may take to be moved, its volume with it. */
const PATIENCE_MS = 2 * 60_000
const PAUSE_MS = 1_000

const errorSchema = z.object({ error: z.object({ code: z.enum(APP_ERROR_CODES), message: z.string() }) })

/** Asks the process with the role `git` to prepare builds, and waits for it where it is away. */
export function createRemoteSources(gitUrl: string, tokens: SourceTokens, patienceMs = PATIENCE_MS): BuildSources {
  return {
    async prepare(buildId, signal) {
      const deadline = Date.now() + patienceMs
      for (;;) {
        const answer = await ask(`${gitUrl}/internal/builds/${buildId}/prepare`, tokens.tokenOf(buildId), signal)
        if (answer.kind === 'prepared') return preparedBuildSchema.parse(answer.body)
        if (answer.kind === 'refused') throw answer.error
        if (Date.now() + PAUSE_MS > deadline)
          throw new AppError('unavailable', 'The repositories are not reachable.', {}, { cause: answer.cause })
        await pause(PAUSE_MS, signal)
        signal.throwIfAborted()
      }
    },
  }
}

type Answer =
  | { kind: 'prepared'; body: unknown }
  | { kind: 'refused'; error: AppError }
  | { kind: 'away'; cause: unknown }

async function ask(url: string, token: string, signal: AbortSignal): Promise<Answer> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    const text = await answer.text()
    if (answer.ok) return { kind: 'prepared', body: JSON.parse(text) }
    const failure = failureIn(text)
    if (failure === null) return { kind: 'away', cause: new Error(`The repositories answered ${answer.status}.`) }
    return { kind: 'refused', error: new AppError(failure.code, failure.message) }
  } catch (cause) {
    signal.throwIfAborted()
    return { kind: 'away', cause }
  }
}

/** What the process itself says; null for answers of anything that stands before it. */
function failureIn(text: string): z.infer<typeof errorSchema>['error'] | null {
  try {
    return errorSchema.parse(JSON.parse(text)).error
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null
    throw error
  }
}
