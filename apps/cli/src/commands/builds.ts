import { AppError, type AppRef, type BuildLogBatch, type BuildStatus, type BuildView, buildWord } from '@slipway/domain'
import type { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import { answer, type Io, note, paint, say, table } from '../io.ts'
import { printKeptLog } from '../kept-log.ts'
import { parseCount } from '../parse.ts'
import { type Runtime, type Session, withApp } from '../runtime.ts'
import { ago } from '../time.ts'
import type { Exit } from './deploy.ts'

const COLOR = {
  queued: 'blue',
  running: 'blue',
  succeeded: 'green',
  failed: 'red',
  cancelled: 'gray',
  timed_out: 'red',
} as const satisfies Record<BuildStatus, string>

const paintStatus = (io: Io, status: BuildStatus) => paint(io, COLOR[status], buildWord(status))

function listBuilds(io: Io, builds: readonly BuildView[], nowMs: number): void {
  if (builds.length === 0) {
    say(io, 'There are no builds yet. Push your code, or connect a repository.')
    return
  }
  const rows = builds.map(({ number, status, commit, branch, message, by, release, createdAt }) => [
    `#${number}`,
    paintStatus(io, status),
    `${commit.slice(0, 7)} ${branch}`,
    message.slice(0, 60),
    by,
    release === null ? '-' : `v${release}`,
    ago(createdAt, nowMs),
  ])
  table(io, ['BUILD', 'STATUS', 'COMMIT', 'MESSAGE', 'WHO', 'RELEASE', 'WHEN'], rows)
}

/** The build that is meant: its number, or the newest one. */
async function buildOf({ api }: Session, ref: AppRef, number: number | undefined): Promise<BuildView> {
  if (number !== undefined) return api.build.get.query({ ...ref, build: number })
  const [newest] = (await api.build.list.query({ ...ref, limit: 1 })).items
  if (!newest) throw new AppError('not_found', 'There are no builds yet. Push your code, or connect a repository.')
  return newest
}

/** Prints a build's log from its beginning until the build is over; answers how it ended. */
async function followLog(runtime: Runtime, session: Session, ref: AppRef, build: number): Promise<BuildStatus> {
  const last = await printKeptLog<BuildLogBatch>(runtime, session, (handlers) =>
    session.api.live.build.subscribe({ ...ref, build }, handlers),
  )
  return last?.status ?? 'queued'
}

/** Follows a build's log and says how the build ended, by the exit code too. */
async function printLog(runtime: Runtime, session: Session, ref: AppRef, build: number, exit: Exit): Promise<void> {
  const status = await followLog(runtime, session, ref, build)
  note(runtime.io, `Build #${build}: ${buildWord(status)}.`)
  if (status !== 'succeeded') exit.code = EXIT.failure
}

const parseBuild = parseCount(1, 999_999_999)
const buildNumber = (text: string) => parseBuild(text.replace(/^#/, ''))

function registerLog(builds: Command, runtime: Runtime, exit: Exit): void {
  builds
    .command('log')
    .description('Print the log of a build, and follow it while it runs')
    .argument('[build]', 'its number; without one the newest build', buildNumber)
    .action((number: number | undefined, _options: unknown, command: Command) =>
      withApp(runtime, command, async (session, ref) => {
        const build = await buildOf(session, ref, number)
        await printLog(runtime, session, ref, build.number, exit)
      }),
    )
}

function registerAgain(builds: Command, runtime: Runtime, exit: Exit): void {
  const { io } = runtime
  builds
    .command('again')
    .description('Build the same commit again with the present settings, and deploy it')
    .argument('[build]', 'its number; without one the newest build', buildNumber)
    .option('--no-wait', 'do not wait until it is built')
    .action((number: number | undefined, options: { wait: boolean }, command: Command) =>
      withApp(runtime, command, async (session, ref) => {
        const { number: build } = await buildOf(session, ref, number)
        const begun = await session.api.build.start.mutate({ ...ref, build })
        if (!options.wait) {
          answer(io, begun, () => say(io, `Build #${begun.number} of ${begun.commit.slice(0, 7)} is on its way.`))
          return
        }
        note(io, `Build #${begun.number} of ${begun.commit.slice(0, 7)}`)
        await printLog(runtime, session, ref, begun.number, exit)
      }),
    )
}

function registerChanges(builds: Command, runtime: Runtime): void {
  const { io } = runtime
  builds
    .command('cancel')
    .description('Cancel a build that waits or runs')
    .argument('[build]', 'its number; without one the newest build', buildNumber)
    .action((number: number | undefined, _options: unknown, command: Command) =>
      withApp(runtime, command, async (session, ref) => {
        const { number: build } = await buildOf(session, ref, number)
        answer(io, await session.api.build.cancel.mutate({ ...ref, build }), () =>
          say(io, `Build #${build} is being cancelled. What ran before still runs.`),
        )
      }),
    )
  builds
    .command('clear-cache')
    .description('Clear the build cache: the next build installs and compiles everything again')
    .action((_options: unknown, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) => {
        const { settings } = await api.build.clearCache.mutate(ref)
        answer(io, settings, () =>
          say(io, 'Build cache cleared. The next build starts without it and takes longer; what runs now stays.'),
        )
      }),
    )
}

export function registerBuilds(program: Command, runtime: Runtime, exit: Exit): void {
  const builds = program.command('builds').description('Builds: from a commit to an image')
  builds
    .command('list', { isDefault: true })
    .description('List builds, newest first')
    .option('-n, --number <number>', 'how many', parseCount(1, 100), 15)
    .action((options: { number: number }, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) => {
        const { items } = await api.build.list.query({ ...ref, limit: options.number })
        answer(runtime.io, items, (list) => listBuilds(runtime.io, list, runtime.nowMs()))
      }),
    )
  registerLog(builds, runtime, exit)
  registerAgain(builds, runtime, exit)
  registerChanges(builds, runtime)
}
