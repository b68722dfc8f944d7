import { AppError, type AppRef } from '@slipway/domain'
import { TRPCClientError } from '@trpc/client'
import type { Command } from 'commander'
import { type Api, type ApiConnection, connect } from './client.ts'
import { type Credentials, readCredentials } from './credentials.ts'
import type { Env } from './env.ts'
import { toAppError } from './errors.ts'
import { slipwayRemote } from './git.ts'
import type { Io } from './io.ts'
import { inferApp } from './target.ts'
import { DEFAULT_URL, isSameInstallation, parseGitRemote, parseInstallationUrl } from './url.ts'

/** What every command works with. */
export interface Runtime {
  io: Io
  env: Env
  cwd: string
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
  nowMs(): number
}

/** A connection to the installation that is meant, signed in. */
export interface Session extends ApiConnection {
  url: string
  token: string
}

export const SIGN_IN = 'Sign in with "slipway login", or set SLIPWAY_TOKEN.'

/** Options that every command has. */
interface GlobalOptions {
  json?: boolean
  app?: string
}

function globalsOf(command: Command): GlobalOptions {
  return command.optsWithGlobals<GlobalOptions>()
}

/**
 * Which installation is meant: SLIPWAY_URL, or the one that the git remote leads to when it is signed in to, or the one that
 * was signed in to last. A token from the environment is never sent to where a git remote points: anyone can write one.
 */
function choose(env: Env, credentials: Credentials, remoteUrl: string | null): { url: string; token: string | null } {
  const { installations } = credentials
  const known = (url: string) => Object.keys(installations).find((each) => isSameInstallation(each, url)) ?? url
  const tokenOf = (url: string) => installations[known(url)]?.token ?? null
  if (env.url) {
    const url = parseInstallationUrl(env.url)
    return { url, token: env.token ?? tokenOf(url) }
  }
  if (env.token) return { url: credentials.current ?? DEFAULT_URL, token: env.token }
  if (remoteUrl && tokenOf(remoteUrl)) return { url: known(remoteUrl), token: tokenOf(remoteUrl) }
  const url = credentials.current ?? DEFAULT_URL
  return { url, token: tokenOf(url) }
}

/** Connects to the installation that is meant. Throws `unauthenticated` where no one has signed in. */
export async function openSession(runtime: Runtime, onReconnecting?: (error: Error | null) => void): Promise<Session> {
  const credentials = await readCredentials(runtime.env.configDir)
  const remote = await slipwayRemote(runtime.cwd)
  const { url, token } = choose(runtime.env, credentials, remote ? (parseGitRemote(remote)?.url ?? null) : null)
  if (!token) throw new AppError('unauthenticated', `You are not signed in to ${url}. ${SIGN_IN}`)
  return { url, token, ...connect({ url, token, onReconnecting }) }
}

/** Runs a command's body with a session that is closed afterwards, whatever happens. */
export async function withSession<T>(runtime: Runtime, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession(runtime)
  try {
    return await work(session)
  } catch (error) {
    throw error instanceof TRPCClientError ? toAppError(error, session.url) : error
  } finally {
    session.close()
  }
}

/** The same with the app that is meant: --app, SLIPWAY_APP, or the git remote `slipway`. */
export async function withApp<T>(
  runtime: Runtime,
  command: Command,
  work: (session: Session, ref: AppRef) => Promise<T>,
): Promise<T> {
  return withSession(runtime, async (session) => work(session, await appOf(runtime, command, session)))
}

/** The app that a command is about. Throws `invalid_input` with the choices where it cannot be told. */
export async function appOf(runtime: Runtime, command: Command, session: { api: Api; url: string }): Promise<AppRef> {
  const named = globalsOf(command).app ?? runtime.env.app
  const remote = named ? null : await slipwayRemote(runtime.cwd)
  return inferApp({ named, remote, url: session.url, list: () => session.api.app.list.query({}) })
}
