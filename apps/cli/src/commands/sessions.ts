import { AppError } from '@slipway/domain'
import type { Command } from 'commander'
import { answer, say, table } from '../io.ts'
import { type Runtime, withSession } from '../runtime.ts'
import { ago } from '../time.ts'

export function registerSessions(program: Command, runtime: Runtime): void {
  const { io } = runtime
  const sessions = program.command('sessions').description('Browsers that are signed in as you')
  sessions
    .command('list', { isDefault: true })
    .description('List your sessions')
    .action(() =>
      withSession(runtime, async ({ api }) => {
        answer(io, await api.session.list.query(), (list) => {
          if (list.length === 0) return say(io, 'No browser is signed in as you.')
          table(
            io,
            ['ID', 'DEVICE', 'ADDRESS', 'LAST USED', 'SIGNED IN'],
            list.map(({ id, device, address, lastUsedAt, createdAt }) => [
              id,
              device,
              address,
              ago(lastUsedAt, runtime.nowMs()),
              ago(createdAt, runtime.nowMs()),
            ]),
          )
        })
      }),
    )
  sessions
    .command('end [id]')
    .description('End a session, or all of them with --all')
    .option('--all', 'end every session; API tokens stay valid')
    .action((id: string | undefined, options: { all?: boolean }) =>
      withSession(runtime, async ({ api }) => {
        if ((id === undefined) !== (options.all === true))
          throw new AppError('invalid_input', 'Say which session: an id of "slipway sessions", or --all.')
        const ended = id === undefined ? (await api.session.revokeOthers.mutate()).ended : 1
        if (id !== undefined) await api.session.revoke.mutate({ session: id })
        answer(io, { ended }, () => say(io, ended === 1 ? 'Ended 1 session.' : `Ended ${ended} sessions.`))
      }),
    )
}
