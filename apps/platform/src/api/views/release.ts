import { type Database, findReleaseCommands, type Release } from '@slipway/db'
import type { ReleaseView } from '@slipway/domain'
import { releaseView } from '../../apps/release-view.ts'

/** Releases of one app as people see them, with the commands that they run. */
export async function releaseViews(db: Database, releases: readonly Release[]): Promise<ReleaseView[]> {
  const [first] = releases
  if (first === undefined) return []
  const commands = await findReleaseCommands(
    db,
    first.appId,
    releases.map(({ number }) => number),
  )
  return releases.map((release) => releaseView({ ...release, command: commands.get(release.number) ?? null }))
}

/** The same of one. */
export async function releaseViewOf(db: Database, release: Release): Promise<ReleaseView> {
  const command = (await findReleaseCommands(db, release.appId, [release.number])).get(release.number)
  return releaseView({ ...release, command: command ?? null })
}
