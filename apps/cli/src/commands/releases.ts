import type { Command } from 'commander'
import { paintReleaseStatus } from '../health.ts'
import { answer, say, table } from '../io.ts'
import { parseCount } from '../parse.ts'
import { type Runtime, withApp } from '../runtime.ts'
import { ago } from '../time.ts'
import type { Exit } from './deploy.ts'
import { registerReleasesDiff } from './releases-diff.ts'
import { registerReleasesOutput } from './releases-output.ts'

export function registerReleases(program: Command, runtime: Runtime, exit: Exit): void {
  const { io } = runtime
  const releases = program
    .command('releases')
    .description('List releases, newest first')
    .option('-n, --number <number>', 'how many', parseCount(1, 100), 15)
    .action((options: { number: number }, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) => {
        const { items } = await api.release.list.query({ ...ref, limit: options.number })
        answer(io, items, (releases) => {
          if (releases.length === 0)
            return say(io, 'There are no releases yet. Push your code, or deploy an image with "slipway deploy".')
          const rows = releases.map(({ number, status, description, by, at }) => [
            `v${number}`,
            paintReleaseStatus(io, status),
            description,
            by,
            ago(at, runtime.nowMs()),
          ])
          table(io, ['RELEASE', 'STATUS', 'WHAT', 'WHO', 'WHEN'], rows)
        })
      }),
    )
  registerReleasesDiff(releases, runtime)
  registerReleasesOutput(releases, runtime, exit)
}
