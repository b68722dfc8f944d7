import { AppError, type AppRef, type ReleaseLogBatch, releaseCommandWord } from '@slipway/domain'
import type { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import { note } from '../io.ts'
import { printKeptLog } from '../kept-log.ts'
import { parseRelease } from '../parse.ts'
import { type Runtime, type Session, withApp } from '../runtime.ts'
import type { Exit } from './deploy.ts'

/** How far back the newest release with a command is looked for. */
const LOOK_BACK = 100

async function newestWithCommand({ api }: Session, ref: AppRef): Promise<number> {
  const { items } = await api.release.list.query({ ...ref, limit: LOOK_BACK })
  const found = items.find(({ command }) => command !== null)
  if (found) return found.number
  throw new AppError(
    'not_found',
    'No release of this app has run a command. Add a line such as "release: npm run migrate" to the Procfile.',
  )
}

/** `slipway releases output`: what a release ran before it was deployed, and what that printed. */
export function registerReleasesOutput(releases: Command, runtime: Runtime, exit: Exit): void {
  releases
    .command('output')
    .description('Print the output of a release’s command, and follow it while it runs')
    .argument('[release]', 'such as v42; without one the newest that has a release command', parseRelease)
    .action((named: number | undefined, _options: unknown, command: Command) =>
      withApp(runtime, command, async (session, ref) => {
        const release = named ?? (await newestWithCommand(session, ref))
        const last = await printKeptLog<ReleaseLogBatch>(runtime, session, (handlers) =>
          session.api.live.release.subscribe({ ...ref, release }, handlers),
        )
        const ran = last?.command ?? null
        if (ran === null) throw new AppError('not_found', `v${release} has no release command.`)
        const how = ran.failure ?? (ran.exitCode === null ? '' : `Exit code ${ran.exitCode}.`)
        note(
          runtime.io,
          `Release command of v${release}: ${releaseCommandWord(ran.status).toLowerCase()}. ${how}`.trim(),
        )
        if (ran.status !== 'succeeded') exit.code = EXIT.failure
      }),
    )
}
