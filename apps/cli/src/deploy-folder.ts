import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { AppError, type AppRef, isBuildOver } from '@slipway/domain'
import { answer, note, say } from './io.ts'
import type { Runtime, Session } from './runtime.ts'

const run = promisify(execFile)
const DEFAULT_BRANCH = 'main'
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024

export interface FolderOptions {
  wait: boolean
  timeout: number
}

/** git in a repository of its own beside the folder: the folder's own repository, if it is one, is left alone. */
interface Git {
  env: NodeJS.ProcessEnv
  cwd: string
}

/** The token goes by the environment: arguments of processes are shown to everybody on the machine. */
function gitIn(runtime: Runtime, directory: string, folder: string, session: Session): Git {
  const basic = Buffer.from(`slipway:${session.token}`).toString('base64')
  const env: Record<string, string> = {
    PATH: runtime.env.path,
    HOME: directory,
    GIT_DIR: path.join(directory, 'repository'),
    GIT_WORK_TREE: folder,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${session.url}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
    GIT_AUTHOR_NAME: 'slipway deploy',
    GIT_AUTHOR_EMAIL: 'deploy@slipway.invalid',
    GIT_COMMITTER_NAME: 'slipway deploy',
    GIT_COMMITTER_EMAIL: 'deploy@slipway.invalid',
  }
  return { cwd: folder, env: env as NodeJS.ProcessEnv }
}

async function git({ env, cwd }: Git, ...args: string[]): Promise<string> {
  const { stdout } = await run('git', args, { env, cwd, maxBuffer: MAX_OUTPUT_BYTES })
  return stdout.trim()
}

/** The commit that the app's branch is at; null before the first push. */
async function tipOf(repository: Git, url: string, branch: string): Promise<string | null> {
  if ((await git(repository, 'ls-remote', '--heads', url, branch)) === '') return null
  await git(repository, 'fetch', '--quiet', '--depth=1', url, `refs/heads/${branch}`)
  return git(repository, 'rev-parse', 'FETCH_HEAD')
}

async function commitOf(repository: Git, folder: string, parent: string | null): Promise<string> {
  await git(repository, 'add', '--all', '.')
  const tree = await git(repository, 'write-tree')
  const message = `Deploy ${path.basename(folder)} from ${hostname()}`
  return git(repository, 'commit-tree', tree, ...(parent ? ['-p', parent] : []), '-m', message)
}

/** A push whose connection was cut has failed for git only: its build goes on. */
async function sayWhatGoesOn({ io }: Runtime, { api }: Session, ref: AppRef, commit: string): Promise<void> {
  const newest = await api.build.list.query({ ...ref, limit: 1 }).catch(() => null)
  const build = newest?.items[0]
  if (build?.commit !== commit || isBuildOver(build.status)) return
  note(io, `Build #${build.number} goes on by itself. Follow it with "slipway builds log ${build.number}".`)
}

/**
 * Deploys a folder as it is on disk, committed or not, without what its .gitignore names: one commit on top of the app's branch, pushed as
 * `git push` would, with the build and the rollout on standard error. Answers the exit code of the push.
 */
export async function deployFolder(
  runtime: Runtime,
  session: Session,
  ref: AppRef,
  name: string,
  options: FolderOptions,
): Promise<number> {
  const folder = path.resolve(runtime.cwd, name)
  if (!(await stat(folder).catch(() => null))?.isDirectory())
    throw new AppError('invalid_input', `${folder} is not a folder. Name the one to deploy: slipway deploy .`)
  const { gitUrl, deployBranch } = await session.api.app.get.query(ref)
  const branch = deployBranch ?? DEFAULT_BRANCH
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-deploy-'))
  try {
    const repository = gitIn(runtime, directory, folder, session)
    await git(repository, 'init', '--quiet')
    const commit = await commitOf(repository, folder, await tipOf(repository, gitUrl, branch))
    const waiting = options.wait ? `timeout=${options.timeout}s` : 'no-wait'
    const push = spawn('git', ['push', '-o', waiting, gitUrl, `${commit}:refs/heads/${branch}`], {
      ...repository,
      stdio: ['ignore', 'ignore', 'pipe'],
      signal: runtime.signal,
    })
    push.stderr.on('data', (chunk) => runtime.io.stderr.write(chunk))
    const [code] = await once(push, 'close')
    if (code === 0) answer(runtime.io, { commit, branch }, () => say(runtime.io, `Deployed ${folder}.`))
    if (code !== 0) await sayWhatGoesOn(runtime, session, ref, commit)
    return code === 0 ? 0 : 1
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
