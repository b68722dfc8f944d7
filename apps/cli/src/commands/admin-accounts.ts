import type { AdminAccountView } from '@slipway/domain'
import type { Command } from 'commander'
import type { Api } from '../client.ts'
import { answer, type Io, note, say, table } from '../io.ts'
import { type Runtime, withSession } from '../runtime.ts'

const PAGE = 100

function show(io: Io, accounts: readonly AdminAccountView[]): void {
  if (accounts.length === 0) {
    say(io, 'No account was found.')
    return
  }
  const rows = accounts.map(({ email, name, operator, deactivatedAt, teams }) => [
    email,
    name,
    deactivatedAt ? 'deactivated' : operator ? 'operator' : 'active',
    teams.join(', ') || '-',
  ])
  table(io, ['ADDRESS', 'NAME', 'STATE', 'TEAMS'], rows)
}

/** Who has an account, who is operator, and who may sign in. */
export function registerAdminAccounts(admin: Command, runtime: Runtime): void {
  const { io } = runtime
  admin
    .command('accounts')
    .description('Accounts, newest first')
    .option('--search <text>', 'a part of the name or address', '')
    .action(({ search }: { search: string }) =>
      withSession(runtime, async ({ api }) => {
        const page = await api.admin.accounts.query({ search, limit: PAGE })
        answer(io, page.items, (accounts) => show(io, accounts))
        if (page.nextCursor) note(io, `Only the newest ${PAGE}. Narrow them with --search.`)
      }),
    )
  const change = (name: string, about: string, apply: (api: Api, email: string) => Promise<unknown>, done: string) =>
    admin
      .command(`${name} <email>`)
      .description(about)
      .action((email: string) =>
        withSession(runtime, async ({ api }) => answer(io, await apply(api, email), () => say(io, `${email} ${done}`))),
      )
  change(
    'deactivate',
    'Sign an account out everywhere and let nobody sign in to it',
    (api, email) => api.admin.setActive.mutate({ email, active: false }),
    'cannot sign in any more. Its sessions have ended, its API tokens are refused.',
  )
  change(
    'reactivate',
    'Let an account be signed in to again',
    (api, email) => api.admin.setActive.mutate({ email, active: true }),
    'can sign in again.',
  )
  change(
    'appoint',
    'Make an account an operator',
    (api, email) => api.admin.setOperator.mutate({ email, operator: true }),
    'is an operator now.',
  )
  change(
    'dismiss',
    'Take operator rights away from an account',
    (api, email) => api.admin.setOperator.mutate({ email, operator: false }),
    'is no longer an operator.',
  )
}
