import { AppError, TOKEN_SCOPES, type TokenScope, type TokenView } from '@slipway/domain'
import { type Command, Option } from 'commander'
import type { Api } from '../client.ts'
import { answer, note, say, table } from '../io.ts'
import { ask, readSecretFromStdin } from '../prompt.ts'
import { type Runtime, withSession } from '../runtime.ts'
import { ago, until } from '../time.ts'

interface CreateOptions {
  scope: TokenScope
  days?: string
  expiry: boolean
  passwordStdin?: boolean
}

const DEFAULT_DAYS = 90

function daysOf({ days, expiry }: CreateOptions): number | null {
  if (!expiry) return null
  const number = Number(days ?? DEFAULT_DAYS)
  if (Number.isInteger(number) && number >= 1) return number
  throw new AppError(
    'invalid_input',
    `--days: ${days} is not a number of days. Use --no-expiry for a token that does not expire.`,
  )
}

function expiryOf(expiresAt: string | null, nowMs: number): string {
  if (expiresAt === null) return 'never'
  return Date.parse(expiresAt) > nowMs ? until(expiresAt, nowMs) : 'expired'
}

/** A token is created from a token, which nobody needs to type: so the password is asked for. */
async function passwordOf({ io, signal }: Runtime, options: CreateOptions): Promise<string> {
  if (options.passwordStdin) return readSecretFromStdin(io, 'password')
  if (io.interactive) return ask(io, 'Password: ', { secret: true, signal })
  throw new AppError(
    'invalid_input',
    'There is no terminal to ask for your password on: give it with --password-stdin.',
  )
}

/** The token that is meant by its id, or by its name where only one has it. */
async function tokenOf(api: Api, named: string): Promise<TokenView> {
  const tokens = await api.token.list.query()
  const found = tokens.filter(({ id, name }) => id === named || name === named)
  const [only] = found
  if (only && found.length === 1) return only
  if (!only) throw new AppError('not_found', `You have no API token ${named}. List them with "slipway tokens".`)
  throw new AppError('invalid_input', `${found.length} tokens are named ${named}. Give the id: slipway tokens --json`)
}

export function registerTokens(program: Command, runtime: Runtime): void {
  const { io } = runtime
  const tokens = program.command('tokens').description('API tokens of your account')
  tokens
    .command('list', { isDefault: true })
    .description('List your API tokens; the secrets are never shown again')
    .action(() =>
      withSession(runtime, async ({ api }) => {
        answer(io, await api.token.list.query(), (list) =>
          table(
            io,
            ['NAME', 'TOKEN', 'SCOPE', 'LAST USED', 'EXPIRES'],
            list.map(({ name, hint, scope, lastUsedAt, expiresAt }) => [
              name,
              `${hint}…`,
              scope,
              lastUsedAt === null ? 'never' : ago(lastUsedAt, runtime.nowMs()),
              expiryOf(expiresAt, runtime.nowMs()),
            ]),
          ),
        )
      }),
    )
  tokens
    .command('create <name>')
    .description('Create an API token; it is printed once')
    .addOption(
      new Option('-s, --scope <scope>', 'read: see, no secrets; deploy: git, deploys, scale; full: all that you may')
        .choices(TOKEN_SCOPES)
        .default('deploy'),
    )
    .option('-d, --days <days>', `days until it expires (default: ${DEFAULT_DAYS})`)
    .option('--no-expiry', 'valid until it is revoked')
    .option('--password-stdin', 'read your password from standard input')
    .action((name: string, options: CreateOptions) =>
      withSession(runtime, async ({ api }) => {
        const input = { name, scope: options.scope, expiresInDays: daysOf(options) }
        const made = await api.token.create.mutate({ ...input, password: await passwordOf(runtime, options) })
        answer(io, made, ({ secret, expiresAt }) => {
          say(io, secret)
          const end = expiresAt === null ? 'It does not expire' : `It expires ${until(expiresAt, runtime.nowMs())}`
          note(io, `Save it now: it is not shown again. ${end}.`)
        })
      }),
    )
  tokens
    .command('revoke <name>')
    .description('Revoke an API token, by its name or id')
    .action((named: string) =>
      withSession(runtime, async ({ api }) => {
        const { id, name } = await tokenOf(api, named)
        await api.token.revoke.mutate({ token: id })
        answer(io, { id, name }, () => say(io, `Revoked ${name}.`))
      }),
    )
}
