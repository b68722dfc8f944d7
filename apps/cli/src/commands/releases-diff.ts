import { AppError, type AppRef } from '@slipway/domain'
import type { Command } from 'commander'
import type { Api } from '../client.ts'
import { answer } from '../io.ts'
import { parseRelease } from '../parse.ts'
import { tellReleaseDiff } from '../release-diff.ts'
import { type Runtime, withApp } from '../runtime.ts'

/** Releases that were not named: the app's current one, and the one before it. */
async function namedOrRecent(api: Api, ref: AppRef, from: number | undefined, to: number | undefined) {
  if (from !== undefined && to !== undefined) return { from, to }
  const { currentRelease } = await api.app.get.query(ref)
  const last = from ?? (currentRelease ?? 1) - 1
  if (currentRelease === null || last < 1)
    throw new AppError('not_found', 'There are no two releases to compare yet. "slipway releases" lists what there is.')
  return { from: last, to: currentRelease }
}

export function registerReleasesDiff(releases: Command, runtime: Runtime): void {
  releases
    .command('diff')
    .description('Show what differs between two releases: commits, image, config, processes')
    .argument('[from]', 'a release, such as v3 (default: the one before the current)', parseRelease)
    .argument('[to]', 'another one (default: the current)', parseRelease)
    .option('--values', 'show the values of config vars; that is written to the audit log')
    .option('--manifests', 'show how the objects of Kubernetes differ')
    .action((from, to, options: { values?: boolean; manifests?: boolean }, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) => {
        const between = { ...ref, ...(await namedOrRecent(api, ref, from, to)) }
        const diff = await api.release.diff.query(between)
        const values = options.values ? await api.release.revealDiff.query(between) : null
        answer(runtime.io, values === null ? diff : { ...diff, values }, () =>
          tellReleaseDiff(runtime.io, diff, {
            values,
            manifests: options.manifests ?? false,
            nowMs: runtime.nowMs(),
          }),
        )
      }),
    )
}
