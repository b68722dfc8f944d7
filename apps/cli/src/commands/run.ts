import {
  type AppRef,
  RUN_TIMEOUT_SECONDS,
  type RunLogBatch,
  type RunMode,
  type RunView,
  TERMINAL_IDLE_MINUTES,
} from '@slipway/domain'
import type { Command } from 'commander'
import { toAppError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { type Io, note, paint } from '../io.ts'
import { parseCpu, parseMemory, parseTimeout } from '../parse.ts'
import { type Runtime, type Session, withApp } from '../runtime.ts'
import { useTerminal } from '../terminal.ts'
import type { Exit } from './deploy.ts'
import { safeText } from './logs.ts'

interface RunOptions {
  cpu?: number
  memory?: number
  timeout: number
  tty: boolean
  detach?: boolean
}

const HELP = `
The command runs in an instance of its own, with the image and the config vars of the current release, counts against the
quota, and is removed when it ends. Its exit code is that of this command.

In a terminal it gets one of its own: keys go to the program, Ctrl-C too. Enter ~ . leaves it, and it goes on: "slipway runs"
lists it, "slipway runs attach" comes back. It ends after ${TERMINAL_IDLE_MINUTES} minutes in which nothing is typed or printed.
What is piped in is its standard input. Without a terminal, standard output and standard error come as one stream, and Ctrl-C
stops the command.

Examples:
  slipway run -- bash
  slipway run -- npm run migrate
  slipway run --memory 1Gi -- node scripts/report.js --month 11
  echo 'select 1' | slipway run -- psql
  slipway run 'rake db:seed && echo done'        one argument is a line for the shell`

/** One argument that is more than a word is a line for the shell, as it would be for ssh. */
export const argvOf = (command: string[]): string[] =>
  command.length === 1 && !/^[\w@%+=:,./-]+$/.test(command[0] ?? '') ? ['/bin/sh', '-c', command[0] ?? ''] : command

function write(io: Io, { lines, waiting }: RunLogBatch, lastWaiting: string | null): void {
  if (waiting !== null && waiting !== lastWaiting) note(io, paint(io, 'yellow', waiting))
  for (const line of lines) {
    if (io.json) io.stdout.write(`${JSON.stringify({ text: line })}\n`)
    else io.stdout.write(`${safeText(line, io.color)}\n`)
  }
}

/** Prints the output until the command has ended; null when Ctrl-C came first. */
function follow({ io, signal }: Runtime, session: Session, ref: AppRef, run: RunView): Promise<RunView | null> {
  return new Promise((resolve, reject) => {
    let last = run
    let waiting: string | null = null
    const fail = (error: unknown) => reject(toAppError(error, session.url))
    const subscription = session.api.live.run.subscribe(
      { ...ref, run: run.id },
      {
        onData({ data }) {
          write(io, data, waiting)
          waiting = data.waiting
          last = data.run
        },
        onError: fail,
        onComplete: () => resolve(last),
      },
    )
    session.refused.catch(fail)
    const stop = () => {
      // Before the stream ends, which counts as its completion.
      resolve(null)
      subscription.unsubscribe()
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}

/** What this command can offer it. */
function modeOf({ io }: Runtime, { tty, detach }: RunOptions): RunMode {
  if (io.json) return 'output'
  if (io.interactive && tty) return 'terminal'
  return io.piped && !detach ? 'input' : 'output'
}

/** Sends what is piped in; output comes by the log. Where the end of it cannot be reached, the command is stopped. */
async function feed(runtime: Runtime, session: Session, ref: AppRef, { id }: RunView): Promise<void> {
  try {
    await useTerminal(runtime, session, ref, { kind: 'run', run: id }, { raw: false, output: false })
  } catch (error) {
    await session.api.run.stop.mutate({ ...ref, run: id })
    note(runtime.io, toAppError(error, session.url).message)
  }
}

/** Tells how a detached command is found again. */
function noteDetached(io: Io, { id }: RunView): void {
  note(io, `It goes on. "slipway runs attach ${id}" comes back to it, "slipway runs stop ${id}" ends it.`)
}

async function runCommand(runtime: Runtime, session: Session, ref: AppRef, command: string[], options: RunOptions) {
  const { io } = runtime
  const mode = modeOf(runtime, options)
  const size = { cpuMillis: options.cpu, memoryMiB: options.memory, timeoutSeconds: options.timeout }
  const run = await session.api.run.start.mutate({ ...ref, command: argvOf(command), mode, ...size })
  note(io, paint(io, 'dim', `Running with v${run.release} (${run.cpuMillis}m CPU, ${run.memoryMiB} MiB)…`))
  if (options.detach) return run
  if (mode === 'terminal') return attach(runtime, session, ref, run)
  if (mode === 'input') void feed(runtime, session, ref, run)
  const ended = await follow(runtime, session, ref, run)
  if (ended !== null) return ended
  note(io, 'Stopping the command…')
  return session.api.run.stop.mutate({ ...ref, run: run.id })
}

/** The terminal of a command until it ends or is left; how it ended, or the command that goes on. */
export async function attach(runtime: Runtime, session: Session, ref: AppRef, run: RunView): Promise<RunView> {
  const end = await useTerminal(runtime, session, ref, { kind: 'run', run: run.id }, { raw: true, output: true })
  return end === null ? run : { ...run, ...end, endedAt: new Date(runtime.nowMs()).toISOString() }
}

export function registerRun(program: Command, runtime: Runtime, exit: Exit): void {
  program
    .command('run')
    .description('Run a command once with the app’s image and config, and print what it prints')
    .argument('<command...>', 'after "--" where it has options of its own')
    .option('--cpu <amount>', 'CPU, such as 500m or 1 (default: as the first process of the app)', parseCpu)
    .option('--memory <amount>', 'memory, such as 512Mi or 1Gi (default: as the first process)', parseMemory)
    .option(
      '--timeout <time>',
      'stopped when it takes longer: 90s, 10m, 2h, at most 24h',
      parseTimeout(RUN_TIMEOUT_SECONDS.min, RUN_TIMEOUT_SECONDS.max),
      RUN_TIMEOUT_SECONDS.usual,
    )
    .option('--no-tty', 'without a terminal, also where this is one')
    .option('-d, --detach', 'do not wait for it: prints its id')
    .addHelpText('after', HELP)
    .action((command: string[], options: RunOptions, self: Command) =>
      withApp(runtime, self, async (session, ref) => {
        const run = await runCommand(runtime, session, ref, command, options)
        report(runtime, run, exit, options.detach === true)
      }),
    )
}

/** Ends this command as the other one ended. */
export function report({ io }: Runtime, run: RunView, exit: Exit, isDetached = false): void {
  const { exitCode, failure, id } = run
  if (io.json) io.stdout.write(`${JSON.stringify(isDetached ? { id } : { exitCode, failure })}\n`)
  else if (isDetached) io.stdout.write(`${id}\n`)
  if (failure !== null) note(io, failure)
  if (run.endedAt === null && !run.stopped) noteDetached(io, run)
  exit.code = run.endedAt === null && !run.stopped ? EXIT.ok : (exitCode ?? EXIT.failure)
}
