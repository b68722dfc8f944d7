import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConnectedSource } from '@slipway/db'
import { AppError } from '@slipway/domain'
import { GitError, git, gitConfig } from '../git/git.ts'
import type { SourceStore } from './store.ts'

const FETCH_TIMEOUT_MS = 5 * 60_000
/** A commit that a host does not hand out by its id is looked for this deep below the branch. */
const SEARCH_DEPTH = 200
const USER_BY_HOST = { github: 'x-access-token', gitlab: 'oauth2', gitea: 'oauth2' } as const

export interface FetchOptions {
  stateDir: string
  sources: SourceStore
  source: ConnectedSource
  commit: string
  sourceName: string
  /** Protocols that git may speak: http(s) and ssh, nothing that reads this machine's files. */
  protocols?: string
  signal: AbortSignal
}

/**
 * Fetches one commit of a connected repository and keeps its tree as the source `sourceName`. Bounded in depth and time;
 * leaves nothing but the source behind.
 * @throws AppError in words for people when the repository, the token or the commit is at fault
 */
export async function fetchSource(options: FetchOptions): Promise<void> {
  const parent = join(options.stateDir, 'fetch')
  await mkdir(parent, { recursive: true, mode: 0o700 })
  const directory = await mkdtemp(join(parent, `${randomUUID()}-`))
  try {
    const env = await fetchEnvironment(directory, options)
    const repository = join(directory, 'repository.git')
    const run = (args: string[]) => git(args, { env, signal: options.signal, timeoutMs: FETCH_TIMEOUT_MS })
    await run(['init', '--quiet', '--bare', '--template=', repository])
    await fetchCommit(run, repository, options)
    await options.sources.archive({
      id: options.sourceName,
      repositoryPath: repository,
      commit: options.commit,
      signal: options.signal,
    })
  } catch (error) {
    if (error instanceof GitError) throw inWords(error, options)
    throw error
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** By its id where the host allows it (all three do by default), else as part of the branch's recent history. */
async function fetchCommit(
  run: (args: string[]) => Promise<string>,
  repository: string,
  { source, commit }: FetchOptions,
): Promise<void> {
  const fetch = (depth: number, ref: string) =>
    run([
      '-C',
      repository,
      'fetch',
      '--quiet',
      '--no-tags',
      `--depth=${depth}`,
      '--end-of-options',
      source.repositoryUrl,
      ref,
    ])
  try {
    await fetch(1, commit)
  } catch (error) {
    if (!(error instanceof GitError) || !/not our ref|unadvertised object|no such remote ref/i.test(error.stderr))
      throw error
    await fetch(SEARCH_DEPTH, `refs/heads/${source.branch}`)
    await run(['-C', repository, 'cat-file', '-e', `${commit}^{commit}`])
  }
}

/** The token is told to the repository's own host only, by askpass: it is in no argument list and no file. */
async function fetchEnvironment(
  directory: string,
  { source, protocols }: FetchOptions,
): Promise<Record<string, string>> {
  const base = {
    ...gitConfig({ 'http.lowSpeedLimit': '1000', 'http.lowSpeedTime': '60', 'credential.helper': '' }),
    GIT_ALLOW_PROTOCOL: protocols ?? 'http:https:ssh',
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oConnectTimeout=20',
  }
  const askpass = join(directory, 'askpass')
  await writeFile(askpass, ASKPASS, { mode: 0o700 })
  if (source.accessToken === null) return { ...base, GIT_ASKPASS: '/bin/false' }
  return {
    ...base,
    GIT_ASKPASS: askpass,
    SLIPWAY_FETCH_HOST: new URL(source.repositoryUrl).host,
    SLIPWAY_FETCH_USER: USER_BY_HOST[source.host],
    SLIPWAY_FETCH_TOKEN: source.accessToken,
  }
}

/** git asks: "Username for 'https://host': " and "Password for 'https://user@host': ". */
const ASKPASS = `#!/bin/sh
case "$1" in
Username*"//$SLIPWAY_FETCH_HOST'"*) printf '%s\\n' "$SLIPWAY_FETCH_USER" ;;
Password*"@$SLIPWAY_FETCH_HOST'"*) printf '%s\\n' "$SLIPWAY_FETCH_TOKEN" ;;
*) exit 1 ;;
esac
`

function inWords(error: GitError, { source, commit }: FetchOptions): AppError {
  const address = withoutCredentials(source.repositoryUrl)
  const say = (text: string) => new AppError('conflict', text, {}, { cause: error })
  // What may be different in a moment: the delivery is tried again.
  const passing = (text: string) => new AppError('unavailable', text, {}, { cause: error })
  const { stderr } = error
  if (
    /could not read (Username|Password)|Authentication failed|terminal prompts disabled|HTTP Basic: Access denied|403/i.test(
      stderr,
    )
  ) {
    return say(
      `${address} did not let Slipway in. Connect the repository again with an access token that may read it, then redeliver.`,
    )
  }
  if (/not found|does not appear to be a git repository/i.test(stderr)) {
    return say(
      `There is no repository at ${address}, or it is private. Check the address, or connect it with an access token.`,
    )
  }
  if (
    /not our ref|bad object|Not a valid object|missing|couldn't find remote ref/i.test(stderr) ||
    (error.exitCode === 128 && /cat-file/.test(error.message))
  ) {
    return say(
      `${address} has no commit ${commit.slice(0, 7)} on ${source.branch}. It may have been force-pushed away; push again.`,
    )
  }
  if (error.exitCode === null) {
    return passing(
      `Fetching ${commit.slice(0, 7)} from ${address} took more than ${FETCH_TIMEOUT_MS / 60_000} minutes and was stopped.`,
    )
  }
  const detail =
    stderr
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^(fatal|error): /, '')
      .slice(0, 300) ?? 'git gave no reason'
  return passing(`${address} could not be fetched: ${withoutCredentials(detail)}.`)
}

/** Takes user:password out of addresses before they are shown. */
function withoutCredentials(text: string): string {
  return text.replace(/(https?:\/\/)[^/@\s]+@/g, '$1')
}
