import type { ConnectedSource } from '@slipway/db'
import { AppError, splitRepositoryAddress } from '@slipway/domain'
import { GitError, git, gitConfig } from '../git/git.ts'
import { hasCommit, readRef } from '../git/refs.ts'
import type { FetchGuard } from './fetch-guard.ts'
import { SOURCE_LIMIT_BYTES } from './limits.ts'
import { type SettledAddress, settleAddress } from './settle-address.ts'

const FETCH_TIMEOUT_MS = 5 * 60_000
const TEST_TIMEOUT_MS = 10_000
/** A commit that a host does not hand out by its id is looked for this deep below the branch. */
const SEARCH_DEPTH = 200
const USER_BY_HOST = { github: 'x-access-token', gitlab: 'oauth2', gitea: 'oauth2' } as const

/** A repository elsewhere, and who we are there. */
export interface Remote {
  url: string
  credentials: { user: string; token: string } | null
}

export function remoteOf(source: Pick<ConnectedSource, 'host' | 'repositoryUrl' | 'credentials'>): Remote {
  const { host, repositoryUrl: url, credentials } = source
  if (credentials === null) return { url, credentials }
  return { url, credentials: { user: credentials.user ?? USER_BY_HOST[host], token: credentials.token } }
}

/** An address out of a repository's own files: credentials in it are its own, and no more for argument lists than ours. */
export function remoteAt(address: string, otherwise: Remote['credentials']): Remote {
  const { url, credentials } = splitRepositoryAddress(address)
  if (credentials === null) return { url, credentials: otherwise }
  return { url, credentials: { user: credentials.user ?? USER_BY_HOST.github, token: credentials.token } }
}

/** Where git is to ask, and as whom: the address after redirects, each of whose hosts was checked. @throws AppError */
async function settle(remote: Remote, guard: FetchGuard, signal?: AbortSignal): Promise<Remote & SettledAddress> {
  if (!URL.canParse(remote.url) || !/^https?:$/.test(new URL(remote.url).protocol)) {
    throw new AppError(
      'conflict',
      `${withoutCredentials(remote.url)} is not an address that Slipway fetches from. Use https.`,
    )
  }
  const settled = await settleAddress(remote.url, remote.credentials, guard, signal)
  const isSame = new URL(settled.url).origin === new URL(remote.url).origin
  return { ...settled, credentials: isSame ? remote.credentials : null }
}

/**
 * The token is shown to the remote's own host only, by a credential helper that git scopes to its address: it is in no argument
 * list and no file. Nothing but http(s) is spoken, to the addresses that were checked (git 2.37 and newer), without redirects.
 */
function remoteEnvironment({ url, credentials, addresses }: Remote & SettledAddress): Record<string, string> {
  const { protocol, host, hostname, port } = new URL(url)
  const helper = credentials === null ? {} : { [`credential.${protocol}//${host}.helper`]: HELPER }
  const pinned = addresses.map((address) => (address.includes(':') ? `[${address}]` : address)).join(',')
  const isName = !addresses.includes(hostname.replace(/^\[|\]$/g, ''))
  return {
    ...gitConfig({
      'http.lowSpeedLimit': '1000',
      'http.lowSpeedTime': '60',
      'http.followRedirects': 'false',
      'http.proxy': '',
      ...(isName
        ? { 'http.curloptResolve': `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}:${pinned}` }
        : {}),
      'credential.helper': '',
      'fetch.recurseSubmodules': 'false',
      'gc.auto': '0',
      ...helper,
    }),
    GIT_ALLOW_PROTOCOL: 'http:https',
    GIT_ASKPASS: '/bin/false',
    ...(credentials === null ? {} : { SLIPWAY_FETCH_USER: credentials.user, SLIPWAY_FETCH_TOKEN: credentials.token }),
  }
}

const HELPER =
  '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$SLIPWAY_FETCH_USER" "$SLIPWAY_FETCH_TOKEN"; }; f'

export interface FetchOptions {
  /** The bare repository that the commit is fetched into. */
  repository: string
  remote: Remote
  commit: string
  /** Searched where the host does not hand out commits by their id; null: it must. */
  branch: string | null
  /** Ref that keeps the commit. */
  ref: string
  guard: FetchGuard
  signal: AbortSignal
}

/** Fetches one commit where it is missing, by its id if the host allows that. @throws GitError, and AppError of the guard */
export async function fetchCommit(options: FetchOptions): Promise<void> {
  const { repository, commit, ref, guard, signal } = options
  if (!(await hasCommit(repository, commit))) {
    const remote = await settle(options.remote, guard, signal)
    const limits = { signal, timeoutMs: FETCH_TIMEOUT_MS, maxFileBytes: SOURCE_LIMIT_BYTES }
    const env = remoteEnvironment(remote)
    const run = (args: string[]) => git(['-C', repository, ...args], { env, ...limits })
    // A pushed history must not be cut by a shallow fetch into the same repository.
    const isEmpty =
      (await git(['-C', repository, 'for-each-ref', '--count=1', 'refs/heads', 'refs/tags'])).trim() === ''
    const fetch = (depth: number, refspec: string) =>
      run([
        ...['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--force'],
        ...(isEmpty ? [`--depth=${depth}`] : []),
        ...['--end-of-options', remote.url, refspec],
      ])
    await fetch(1, `${commit}:${ref}`).catch((error) => {
      if (options.branch === null || !(error instanceof GitError) || !NOT_BY_ID.test(error.stderr)) throw error
      return fetch(SEARCH_DEPTH, `refs/heads/${options.branch}:${ref}`)
    })
    await git(['-C', repository, 'cat-file', '-e', `${commit}^{commit}`])
  }
  if ((await readRef(repository, ref)) !== commit) await git(['-C', repository, 'update-ref', ref, commit])
}

const NOT_BY_ID = /not our ref|unadvertised object|no such remote ref/i

/** Fetches the commit of a webhook. @throws AppError in words: `unavailable` where it may pass by itself */
export async function fetchSource(
  options: Omit<FetchOptions, 'remote' | 'branch'> & { source: ConnectedSource; branch: string },
): Promise<void> {
  const { source, ...rest } = options
  try {
    await fetchCommit({ ...rest, remote: remoteOf(source) })
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    throw fetchFailure(error, {
      url: source.repositoryUrl,
      commit: options.commit,
      branch: options.branch,
      retry: 'then redeliver',
    })
  }
}

/** Asks a repository for a branch before it is connected. @throws AppError in words when it does not answer, or has no such branch */
export async function testRemote(
  source: Pick<ConnectedSource, 'host' | 'repositoryUrl' | 'credentials' | 'branch'>,
  guard: FetchGuard,
  signal?: AbortSignal,
): Promise<void> {
  const { repositoryUrl: url, branch } = source
  const ref = `refs/heads/${branch}`
  let found: string
  try {
    const remote = await settle(remoteOf(source), guard, signal)
    found = await git(['ls-remote', '--heads', '--end-of-options', remote.url], {
      env: remoteEnvironment(remote),
      timeoutMs: TEST_TIMEOUT_MS,
      ...(signal ? { signal } : {}),
    })
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    throw fetchFailure(error, { url, commit: null, branch, retry: 'then connect it again' })
  }
  const branches = found.split('\n').flatMap((line) => line.split('\trefs/heads/')[1] ?? [])
  if (branches.includes(ref.slice('refs/heads/'.length)) || branches.length === 0) return
  throw new AppError(
    'invalid_input',
    `${withoutCredentials(url)} has no branch ${branch}. It has: ${branches.slice(0, 10).join(', ')}${branches.length > 10 ? ' and others' : ''}.`,
  )
}

interface Words {
  url: string
  /** Null: nothing was fetched yet. */
  commit: string | null
  branch: string
  /** What to do once the fault is mended: "then redeliver". */
  retry: string
}

/** Why a repository could not be read. `unavailable`: may be different in a moment. */
export function fetchFailure(error: GitError, { url, commit, branch, retry }: Words): AppError {
  const address = withoutCredentials(url)
  const say = (text: string) => new AppError('conflict', text, {}, { cause: error })
  const passing = (text: string) => new AppError('unavailable', text, {}, { cause: error })
  const { stderr } = error
  if (NO_ENTRY.test(stderr)) {
    return say(`${address} denied access. Connect the repository with an access token that may read it, ${retry}.`)
  }
  if (/not found|does not appear to be a git repository/i.test(stderr)) {
    return say(
      `There is no repository at ${address}, or it is private. Check the address, or connect it with an access token.`,
    )
  }
  if (TOO_LARGE.test(stderr))
    return say(`${address} holds more than ${SOURCE_LIMIT_BYTES / 1024 ** 3} GiB, the limit for a fetch.`)
  if (commit !== null && (NO_COMMIT.test(stderr) || /cat-file/.test(error.message))) {
    return say(
      `${address} has no commit ${commit.slice(0, 7)} on ${branch}. It may have been force-pushed away; push again.`,
    )
  }
  if (error.exitCode === null) {
    const limitMs = commit === null ? TEST_TIMEOUT_MS : FETCH_TIMEOUT_MS
    return passing(
      `${address} did not answer within ${limitMs / 1000} seconds. Check the address, and whether it can be reached from here.`,
    )
  }
  return passing(`${address} could not be fetched: ${withoutCredentials(lastLine(stderr))}.`)
}

const NO_ENTRY =
  /could not read (Username|Password)|Authentication failed|terminal prompts disabled|HTTP Basic: Access denied|403|Permission denied|Host key verification failed/i
/** Of a process whose file reached its limit (SIGXFSZ). */
const TOO_LARGE = /signal 25|File too large|file size limit/i
const NO_COMMIT = /not our ref|bad object|Not a valid object|missing|couldn't find remote ref/i

function lastLine(stderr: string): string {
  const last = stderr.trim().split('\n').at(-1) ?? ''
  const text = last
    .replace(/^(fatal|error): /, '')
    .replace(/[.\s]+$/, '')
    .slice(0, 300)
  return text === '' ? 'git gave no reason' : text
}

/** Takes user:password out of addresses before they are shown. */
function withoutCredentials(text: string): string {
  return text.replace(/(https?:\/\/)[^/@\s]+@/g, '$1')
}
