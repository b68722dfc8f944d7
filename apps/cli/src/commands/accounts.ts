import type { Command } from 'commander'
import { answer, note, say } from '../io.ts'
import { type Runtime, withSession } from '../runtime.ts'
import { until } from '../time.ts'
import { registerSessions } from './sessions.ts'
import { registerTokens } from './tokens.ts'

/** `tokens` and `sessions` of one's own account, and what operators do for those of others. */
export function registerAccounts(program: Command, runtime: Runtime): void {
  registerTokens(program, runtime)
  registerSessions(program, runtime)
  const { io } = runtime
  const accounts = program.command('accounts').description('Accounts of this installation, for its operators')
  accounts
    .command('reset-link <email>')
    .description('Create a password reset link for somebody who forgot theirs')
    .action((email: string) =>
      withSession(runtime, async ({ api }) => {
        answer(io, await api.account.createResetLink.mutate({ email }), (made) => {
          say(io, made.url)
          const end = until(made.expiresAt, runtime.nowMs())
          note(io, `Send it to ${made.email}, and to nobody else. It works once and expires ${end}.`)
        })
      }),
    )
}
