import { AppError, isAppError } from '@slipway/domain'
import { GitError, git } from '../git/git.ts'
import { SUBMODULE_REFS } from '../git/repositories.ts'
import { listTree, type TreeEntry } from '../git/tree.ts'
import type { FetchGuard } from './fetch-guard.ts'
import { fetchCommit, fetchFailure, type Remote, remoteAt } from './remote.ts'

/** Submodules of one commit, those of submodules included. */
const MAX_SUBMODULES = 50
const MAX_DEPTH = 4

/** A submodule at its place in the source. */
export interface PlacedSubmodule {
  /** From the top of the repository. */
  path: string
  commit: string
}

type Link = PlacedSubmodule & { name: string; url: string | null }

/**
 * Fetches every submodule of a commit into the app's own repository. `connected` is the repository that the commit came from:
 * relative addresses start there, and its token is good for its own host only; null for what was pushed.
 * @throws AppError that names the submodule which cannot be fetched
 */
export async function fetchSubmodules(options: {
  repository: string
  commit: string
  tree: readonly TreeEntry[]
  connected: Remote | null
  guard: FetchGuard
  signal: AbortSignal
}): Promise<PlacedSubmodule[]> {
  const { repository, connected, guard, signal } = options
  return walk(
    repository,
    options.commit,
    options.tree,
    async (link, parentUrl) => {
      const url = resolveUrl(link, parentUrl)
      const ours = connected !== null && sameHost(connected.url, url) ? connected.credentials : null
      const remote = remoteAt(url, ours)
      try {
        await fetchCommit({
          repository,
          remote,
          commit: link.commit,
          branch: null,
          ref: SUBMODULE_REFS + link.commit,
          guard,
          signal,
        })
      } catch (error) {
        if (!(error instanceof GitError || isAppError(error))) throw error
        const words = { url, commit: link.commit, branch: 'any branch', retry: 'or copy it in' }
        const { code, message } = isAppError(error) ? error : fetchFailure(error, words)
        throw new AppError(code, `The submodule ${link.path} could not be fetched. ${message}`, {}, { cause: error })
      }
      return url
    },
    connected?.url ?? null,
  )
}

/** The submodules that were fetched before, in the order of their places: what is streamed. */
export async function placeSubmodules(repository: string, commit: string): Promise<PlacedSubmodule[]> {
  const tree = await listTree(repository, commit)
  return walk(repository, commit, tree, async (link) => link.url ?? '', null)
}

/** Visits submodules depth first; `visit` makes the commit present and answers its address. */
async function walk(
  repository: string,
  commit: string,
  tree: readonly TreeEntry[],
  visit: (link: Link, parentUrl: string | null) => Promise<string>,
  url: string | null,
): Promise<PlacedSubmodule[]> {
  const placed: PlacedSubmodule[] = []
  async function enter(
    parent: string,
    entries: readonly TreeEntry[],
    prefix: string,
    parentUrl: string | null,
    depth: number,
  ) {
    for (const link of await linksOf(repository, parent, entries, prefix)) {
      if (placed.length >= MAX_SUBMODULES || depth > MAX_DEPTH) {
        throw new AppError(
          'too_large',
          `The repository has more than ${MAX_SUBMODULES} submodules, or they are nested deeper than ${MAX_DEPTH}.`,
        )
      }
      const at = await visit(link, parentUrl)
      placed.push({ path: link.path, commit: link.commit })
      await enter(link.commit, await listTree(repository, link.commit), `${link.path}/`, at, depth + 1)
    }
  }
  await enter(commit, tree, '', url, 1)
  return placed
}

async function linksOf(
  repository: string,
  commit: string,
  tree: readonly TreeEntry[],
  prefix: string,
): Promise<Link[]> {
  const links = tree.filter(({ kind }) => kind === 'submodule')
  if (links.length === 0) return []
  const known = tree.some(({ path }) => path === '.gitmodules') ? await readModules(repository, commit) : new Map()
  return links.map(({ path, oid }) => ({
    path: prefix + path,
    commit: oid,
    name: path,
    url: known.get(path) ?? null,
  }))
}

/** Path → address, as .gitmodules has them. */
async function readModules(repository: string, commit: string): Promise<Map<string, string>> {
  const listed = await git(['-C', repository, 'config', '--blob', `${commit}:.gitmodules`, '--list', '-z'])
  const modules = new Map<string, { path?: string; url?: string }>()
  for (const entry of listed.split('\0')) {
    const [, name, key, value] = /^submodule\.(.*)\.(path|url)\n(.*)$/s.exec(entry) ?? []
    if (name === undefined || value === undefined) continue
    modules.set(name, { ...modules.get(name), [key === 'path' ? 'path' : 'url']: value })
  }
  return new Map([...modules.values()].flatMap(({ path, url }) => (path && url ? [[path, url] as const] : [])))
}

function resolveUrl({ path, url }: Link, parentUrl: string | null): string {
  if (url === null) {
    throw new AppError(
      'conflict',
      `${path} is a git repository inside yours without an entry in .gitmodules. Add it as a submodule, or remove its .git folder and commit its files.`,
    )
  }
  if (/^\.\.?\//.test(url)) {
    if (parentUrl === null || !URL.canParse(parentUrl)) {
      throw new AppError(
        'conflict',
        `The submodule ${path} has the relative address ${url}, which leads nowhere from a pushed repository. Write its https address into .gitmodules.`,
      )
    }
    return new URL(url, `${parentUrl.replace(/\/+$/, '')}/`).href
  }
  if (!/^https?:\/\//i.test(url)) {
    throw new AppError(
      'conflict',
      `The submodule ${path} is at ${url.slice(0, 200)}: Slipway fetches submodules over https only. Write its https address into .gitmodules.`,
    )
  }
  return url
}

function sameHost(a: string, b: string): boolean {
  return URL.canParse(a) && URL.canParse(b) && new URL(a).origin === new URL(b).origin
}
