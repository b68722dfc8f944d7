import { AppError, type AppRef, type AppSummary, appPath, appRefSchema } from '@slipway/domain'
import { isSameInstallation, parseGitRemote } from './url.ts'

const HOW =
  'Name it with --app team/project/environment/app, or run the command in a repository with the git remote "slipway".'

/** How many candidates an ambiguous name lists. */
const CANDIDATES_MAX = 10

export interface AppSources {
  /** What --app or SLIPWAY_APP says: a path, or the end of one. */
  named: string | null
  /** Address of the git remote `slipway`. */
  remote: string | null
  /** The installation that is signed in to. */
  url: string
  /** All apps that this account sees. */
  list: () => Promise<AppSummary[]>
}

/** True when the last parts of the app's path are these. */
function endsWith(ref: AppRef, parts: readonly string[]): boolean {
  const path = [ref.team, ref.project, ref.environment, ref.app]
  return parts.every((part, index) => path[path.length - parts.length + index] === part)
}

async function find(name: string, list: AppSources['list']): Promise<AppRef> {
  const parts = name.split('/')
  const [team, project, environment, app] = parts
  if (parts.length === 4) {
    const ref = appRefSchema.safeParse({ team, project, environment, app })
    if (ref.success) return ref.data
  }
  if (parts.length > 4 || parts.some((part) => part === '')) {
    throw new AppError('invalid_input', `"${name}" is not the path of an app. ${HOW}`)
  }
  const found = (await list()).map(({ ref }) => ref).filter((ref) => endsWith(ref, parts))
  const [only] = found
  if (only && found.length === 1) return only
  if (!only) throw new AppError('not_found', `There is no app ${name} that you can see. "slipway apps list" shows all.`)
  const paths = found.slice(0, CANDIDATES_MAX).map((ref) => `  ${appPath(ref)}`)
  throw new AppError('invalid_input', `"${name}" can be any of these; give more of its path:\n${paths.join('\n')}`)
}

/** The app that is meant. Throws `invalid_input` or `not_found` with what to do. */
export async function inferApp({ named, remote, url, list }: AppSources): Promise<AppRef> {
  if (named) return find(named, list)
  const target = remote ? parseGitRemote(remote) : null
  if (!target) throw new AppError('invalid_input', `It is not clear which app is meant. ${HOW}`)
  if (!isSameInstallation(target.url, url)) {
    throw new AppError(
      'invalid_input',
      `The git remote "slipway" points to ${target.url}, and you are using ${url}. Sign in there with "slipway login --url ${target.url}", or name the app with --app.`,
    )
  }
  return target.ref
}
