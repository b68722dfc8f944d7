import { diffConfig, getRelease, listSiblingIds, type Release, readProcesses } from '@slipway/db'
import { type CommitsBetween, isAppError, processDifferences, type ReleaseDiffView } from '@slipway/domain'
import { diffManifests } from '../../apps/manifest-diff.ts'
import type { ApiContext } from '../context.ts'
import { releaseViewOf } from './release.ts'

type Reader = Pick<ApiContext, 'db' | 'apps' | 'ports'>

const NO_COMMITS: Omit<CommitsBetween, 'note'> = { added: [], removed: [], hasMore: false }

/** What differs between two releases of an app, without the values of its config. Throws `not_found`. */
export async function releaseDiffView(
  ctx: Reader,
  appId: string,
  numbers: { from: number; to: number },
): Promise<ReleaseDiffView> {
  const { db, ports } = ctx
  const [from, to] = await Promise.all([getRelease(db, appId, numbers.from), getRelease(db, appId, numbers.to)])
  const [commits, before, after] = await Promise.all([
    commitsBetween(ctx, appId, from, to),
    ports.manifests.ofRelease(appId, from.number),
    ports.manifests.ofRelease(appId, to.number),
  ])
  return {
    from: await releaseViewOf(db, from),
    to: await releaseViewOf(db, to),
    commits,
    config: diffConfig(db, from, to).map(({ before: _, after: __, ...names }) => names),
    processes: processDifferences(readProcesses(from.processes), readProcesses(to.processes)),
    manifests: diffManifests({ release: from.number, objects: before }, { release: to.number, objects: after }),
  }
}

/** The commits between two releases of the app or of its siblings. */
export async function commitsBetween(
  { db, ports }: Reader,
  appId: string,
  from: Release,
  to: Release,
): Promise<CommitsBetween> {
  const isSame = from.commit === null ? from.image === to.image : from.commit === to.commit
  if (isSame) return { ...NO_COMMITS, note: null }
  if (from.commit === null || to.commit === null) {
    const unknown = [from, to].filter(({ commit }) => commit === null).map(({ number }) => `v${number}`)
    const note = `No commits are listed: the image of ${unknown.join(' and of ')} was not built from a commit here.`
    return { ...NO_COMMITS, note }
  }
  try {
    const apps = await listSiblingIds(db, appId)
    return await ports.history.between({ apps, from: from.commit, to: to.commit })
  } catch (error) {
    if (!isAppError(error) || error.code !== 'unavailable') throw error
    return { ...NO_COMMITS, note: 'The repositories are not reachable at the moment, so no commits are listed.' }
  }
}
