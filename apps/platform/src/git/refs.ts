import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Database, findLiveCommit, listKeptBuilds, readDeployBranch } from '@slipway/db'
import { GitError, git } from './git.ts'
import { buildRef, PUSH_REFS, type Repositories, SUBMODULE_REFS } from './repositories.ts'

/** The commit that a ref names; null where there is none. */
export async function readRef(repository: string, ref: string): Promise<string | null> {
  const text = await git(['-C', repository, 'for-each-ref', '--format=%(objectname)', ref])
  return text.trim() || null
}

export const updateRef = (repository: string, ref: string, commit: string) =>
  git(['-C', repository, 'update-ref', ref, commit])

/** A ref that is not there is fine. */
export const deleteRef = (repository: string, ref: string) => git(['-C', repository, 'update-ref', '-d', ref])

/** Whether a commit is in the repository, with its tree. */
export async function hasCommit(repository: string, commit: string): Promise<boolean> {
  try {
    await git(['-C', repository, 'cat-file', '-e', `${commit}^{tree}`])
    return true
  } catch (error) {
    if (error instanceof GitError) return false
    throw error
  }
}

/** First line of a commit's message. */
export async function subjectOf(repository: string, commit: string): Promise<string> {
  return (await git(['-C', repository, 'log', '-1', '--format=%s', commit], { timeoutMs: 30_000 })).trim()
}

/**
 * Makes the deployed branch name what serves: the commit of its newest push whose release went live. It is computed from rows,
 * so it is right after any crash: called before refs are advertised and at the end of every push. HEAD follows the branch.
 */
export async function settleDeployedRef(db: Database, repositories: Repositories, appId: string): Promise<void> {
  const branch = await readDeployBranch(db, appId)
  if (!branch) return
  const path = repositories.path(appId)
  const ref = `refs/heads/${branch}`
  const head = await readFile(join(path, 'HEAD'), 'utf8')
  if (head.trim() !== `ref: ${ref}`) await git(['-C', path, 'symbolic-ref', 'HEAD', ref])
  const commit = await findLiveCommit(db, appId, branch)
  if (commit === null || (await readRef(path, ref)) === commit || !(await hasCommit(path, commit))) return
  await updateRef(path, ref, commit)
}

/** Lets go of commits that no build needs any more, and of pushes that a crash left undecided. */
export async function pruneOwnRefs(db: Database, repository: string, appId: string): Promise<void> {
  const { numbers, isBuilding } = await listKeptBuilds(db, appId)
  const keep = new Set(numbers.map(buildRef))
  const listed = await git(['-C', repository, 'for-each-ref', '--format=%(refname)', buildRef(0).slice(0, -1)])
  const stale = listed.split('\n').filter((ref) => ref !== '' && !keep.has(ref))
  // Submodules are few and fetched again when they are missing.
  const submodules = isBuilding
    ? ''
    : await git(['-C', repository, 'for-each-ref', '--format=%(refname)', SUBMODULE_REFS])
  for (const ref of stale) await deleteRef(repository, ref)
  const others = submodules.split('\n').filter((ref) => ref !== '')
  for (const ref of others.slice(0, Math.max(0, others.length - MAX_SUBMODULE_REFS))) await deleteRef(repository, ref)
}

const MAX_SUBMODULE_REFS = 100

/** Pushes of a process that was killed: their builds, if they had one, have refs of their own. */
export async function dropAbandonedPushes(repository: string): Promise<void> {
  await rm(join(repository, PUSH_REFS), { recursive: true, force: true })
}

/** All zeros in the length of `like`. */
export const zeroLike = (like: string) => '0'.repeat(like.length)
