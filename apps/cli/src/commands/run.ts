import { type AppRef, RUN_TIMEOUT_SECONDS, type RunLogBatch, type RunView } from '@slipway/domain'
import type { Command } from 'commander'
import { toAppError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { type Io, note, paint } from '../io.ts'
import { parseCpu, parseMemory, parseTimeout } from '../parse.ts'
import { type Runtime, type Session, withApp } from '../runtime.ts'
import type { Exit } from './deploy.ts'
import { safeText } from './logs.ts'

interface RunOptions {
  cpu?: number
  memory?: number
  timeout: number
}

const HELP = `
The command runs in an instance of its own, with the image and the config vars of the current release, counts against the
quota, and is removed when it ends. Its exit code is that of this command; Ctrl-C stops it.

It has no terminal and no input: what asks for something gets an end of file, and interactive consoles do not work.
Standard output and standard error come as one stream.

Examples:
  slipway run -- npm run migrate
  slipway run --memory 1Gi -- node scripts/report.js --month 11
  slipway run 'rake db:seed && echo done'        one argument is a line for the shell`

/** One argument that is more than a word is a line for the shell, as it would be for ssh. */
const argvOf = (command: string[]): string[] =>
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

async function runCommand(runtime: Runtime, session: Session, ref: AppRef, command: string[], options: RunOptions) {
  const { io } = runtime
  const size = { cpuMillis: options.cpu, memoryMiB: options.memory, timeoutSeconds: options.timeout }
  const run = await session.api.run.start.mutate({ ...ref, command: argvOf(command), ...size })
  note(io, paint(io, 'dim', `Running with v${run.release} (${run.cpuMillis}m CPU, ${run.memoryMiB} MiB)…`))
  const ended = await follow(runtime, session, ref, run)
  if (ended !== null) return ended
  note(io, 'Stopping the command…')
  return session.api.run.stop.mutate({ ...ref, run: run.id })
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
    .addHelpText('after', HELP)
    .action((command: string[], options: RunOptions, self: Command) =>
      withApp(runtime, self, async (session, ref) => {
        const { exitCode, failure } = await runCommand(runtime, session, ref, command, options)
        if (runtime.io.json) runtime.io.stdout.write(`${JSON.stringify({ exitCode, failure })}\n`)
        if (failure !== null) note(runtime.io, failure)
        exit.code = exitCode ?? EXIT.failure
      }),
    )
}
