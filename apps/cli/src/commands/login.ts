import { hostname } from 'node:os'
import { AppError } from '@slipway/domain'
import type { Command } from 'commander'
import { type Api, connect } from '../client.ts'
import { readCredentials, writeCredentials } from '../credentials.ts'
import { toAppError } from '../errors.ts'
import { answer, say } from '../io.ts'
import { ask, readSecretFromStdin } from '../prompt.ts'
import type { Runtime } from '../runtime.ts'
import { DEFAULT_URL, parseInstallationUrl } from '../url.ts'

interface LoginOptions {
  url?: string
  email?: string
  passwordStdin?: boolean
  tokenStdin?: boolean
}

type Given = { token: string; tokenId: string | null }

async function withPassword(runtime: Runtime, api: Api, options: LoginOptions): Promise<Given> {
  const { io, signal } = runtime
  if (!io.interactive && !(options.email && options.passwordStdin)) {
    throw new AppError(
      'invalid_input',
      'There is no terminal to ask on. Use --email with --password-stdin, --token-stdin, or the variable SLIPWAY_TOKEN.',
    )
  }
  const email = options.email ?? (await ask(io, 'E-mail: ', { signal }))
  const password = options.passwordStdin
    ? await readSecretFromStdin(io, 'password')
    : await ask(io, 'Password: ', { secret: true, signal })
  const made = await api.session.login.mutate({ email, password, tokenName: `slipway on ${hostname()}`.slice(0, 80) })
  return { token: made.secret, tokenId: made.id }
}

/** A new installation has no accounts yet, and making the first one needs its pages. */
async function checkSetUp(api: Api, url: string): Promise<void> {
  const { needsFirstAccount } = await api.setup.status.query()
  if (needsFirstAccount)
    throw new AppError('conflict', `${url} has no account yet. Open it in a browser to make the first one.`)
}

async function login(runtime: Runtime, options: LoginOptions): Promise<void> {
  const { env, io } = runtime
  const stored = await readCredentials(env.configDir)
  const url = parseInstallationUrl(options.url ?? env.url ?? stored.current ?? DEFAULT_URL)
  const anonymous = connect({ url, token: null })
  try {
    if (!options.tokenStdin) await checkSetUp(anonymous.api, url)
    const given = options.tokenStdin
      ? { token: await readSecretFromStdin(io, 'token'), tokenId: null }
      : await withPassword(runtime, anonymous.api, options)
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
    .description('Sign in, and remember it on this machine')
    .option('--url <address>', `address of Slipway (default: SLIPWAY_URL, the last one, or ${DEFAULT_URL})`)
    .option('--email <email>', 'account to sign in with')
    .option('--password-stdin', 'read the password from standard input')
    .option('--token-stdin', 'read an API token from standard input instead of signing in')
    .action((options: LoginOptions) => login(runtime, options))
}
