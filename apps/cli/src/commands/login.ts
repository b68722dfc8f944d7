import { hostname } from 'node:os'
import { AppError, TOKEN_SCOPES, type TokenScope } from '@slipway/domain'
import { type Command, Option } from 'commander'
import { type Api, connect } from '../client.ts'
import { readCredentials, writeCredentials } from '../credentials.ts'
import { loginThroughBrowser } from '../device-login.ts'
import { toAppError } from '../errors.ts'
import { answer, say } from '../io.ts'
import { parseCount } from '../parse.ts'
import { ask, readSecretFromStdin } from '../prompt.ts'
import type { Runtime } from '../runtime.ts'
import { DEFAULT_URL, parseInstallationUrl } from '../url.ts'

interface LoginOptions {
  url?: string
  browser: boolean
  scope: TokenScope
  days: number
  email?: string
  passwordStdin?: boolean
  tokenStdin?: boolean
}

type Given = { token: string; tokenId: string | null }

const NO_TERMINAL =
  'There is no terminal to ask on. Use --no-browser and approve in a browser elsewhere, --email with --password-stdin, --token-stdin, or the variable SLIPWAY_TOKEN.'

/** Without a browser, for machines: with an e-mail address and a password. */
async function withPassword(runtime: Runtime, api: Api, email: string, options: LoginOptions): Promise<Given> {
  const { io, signal } = runtime
  if (!io.interactive && !options.passwordStdin) throw new AppError('invalid_input', NO_TERMINAL)
  const password = options.passwordStdin
    ? await readSecretFromStdin(io, 'password')
    : await ask(io, 'Password: ', { secret: true, signal })
  const made = await api.session.login.mutate({ email, password, tokenName: `slipway on ${hostname()}`.slice(0, 80) })
  return { token: made.secret, tokenId: made.id }
}

async function withBrowser(runtime: Runtime, api: Api, url: string, options: LoginOptions): Promise<Given> {
  if (options.passwordStdin) throw new AppError('invalid_input', '--password-stdin needs --email as well.')
  if (!runtime.io.interactive && options.browser) throw new AppError('invalid_input', NO_TERMINAL)
  const made = await loginThroughBrowser(runtime, api, { url, ...options })
  return { token: made.secret, tokenId: made.id }
}

/** Signs in as the options say: with a token, a password, or a browser. */
async function signIn(runtime: Runtime, api: Api, url: string, options: LoginOptions): Promise<Given> {
  if (options.tokenStdin) return { token: await readSecretFromStdin(runtime.io, 'token'), tokenId: null }
  await checkSetUp(api, url)
  if (options.email !== undefined) return withPassword(runtime, api, options.email, options)
  return withBrowser(runtime, api, url, options)
}

/** A new installation has no accounts yet, and making the first one needs its pages. */
async function checkSetUp(api: Api, url: string): Promise<void> {
  const { needsFirstAccount } = await api.setup.status.query()
  if (needsFirstAccount)
    throw new AppError(
      'conflict',
      `${url} has no account yet. Open the link that Slipway printed when it started to create the first one.`,
    )
}

async function login(runtime: Runtime, options: LoginOptions): Promise<void> {
  const { env, io } = runtime
  const stored = await readCredentials(env.configDir)
  const url = parseInstallationUrl(options.url ?? env.url ?? stored.current ?? DEFAULT_URL)
  const anonymous = connect({ url, token: null })
  try {
    const given = await signIn(runtime, anonymous.api, url, options)
    const { api, close } = connect({ url, ...given })
    const account = await api.account.get.query().finally(close)
    const installations = { ...stored.installations, [url]: { ...given, email: account.email } }
    await writeCredentials(env.configDir, { current: url, installations })
    answer(io, { url, email: account.email, teams: account.teams }, () =>
      say(io, `Signed in to ${url} as ${account.email}.`),
    )
  } catch (error) {
    throw toAppError(error, url)
  } finally {
    anonymous.close()
  }
}

export function registerLogin(program: Command, runtime: Runtime): void {
  program
    .command('login')
    .description('Sign in through a browser, and remember it on this machine')
    .option('--url <address>', `address of Slipway (default: SLIPWAY_URL, the last one, or ${DEFAULT_URL})`)
    .option('--no-browser', 'open no browser: print the address to approve at, here or on another computer')
    .addOption(
      new Option('-s, --scope <scope>', 'what to ask for: read, deploy or full').choices(TOKEN_SCOPES).default('full'),
    )
    .option('-d, --days <days>', 'how long to ask for', parseCount(1, 365), 90)
    .option('--email <email>', 'sign in with this account and its password instead, without a browser')
    .option('--password-stdin', 'read the password from standard input')
    .option('--token-stdin', 'read an API token from standard input instead of signing in')
    .action((options: LoginOptions) => login(runtime, options))
}
