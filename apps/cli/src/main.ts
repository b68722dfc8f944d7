import { fstatSync, readFileSync } from 'node:fs'
import { AppError, isAppError } from '@slipway/domain'
import { CommanderError } from 'commander'
import { processEnv } from './env.ts'
import { toAppError } from './errors.ts'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { type Io, reportError } from './io.ts'
import { createProgram } from './program.ts'
import { type Runtime, SIGN_IN } from './runtime.ts'

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return typeof manifest === 'object' && manifest && 'version' in manifest ? String(manifest.version) : 'unknown'
}

function terminalIo(args: readonly string[], color: boolean | null): Io {
  const { stdin, stdout, stderr } = process
  // What follows "--" belongs to the command that is run.
  const end = args.indexOf('--')
  const own = end < 0 ? args : args.slice(0, end)
  const json = own.includes('--json')
  const verbose = own.includes('--verbose')
  const interactive = Boolean(stdin.isTTY && stdout.isTTY)
  const piped = !stdin.isTTY && holdsInput()
  return { stdin, stdout, stderr, json, verbose, color: !json && (color ?? Boolean(stdout.isTTY)), interactive, piped }
}

/** A file, a pipe or a socket; /dev/null holds nothing. */
function holdsInput(): boolean {
  try {
    const kind = fstatSync(0)
    return kind.isFile() || kind.isFIFO() || kind.isSocket()
  } catch {
    return false // Standard input is closed.
  }
}

/** The exit code for what ended a command, which is also reported. */
function report(io: Io, error: unknown, signal: AbortSignal): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok
    // Without a command the help has been shown, which says enough.
    const helped = error.code === 'commander.help'
    const message = helped ? 'Say which command.' : error.message.replace(/^error: /, '')
    if (!helped || io.json) reportError(io, new AppError('invalid_input', message), 'Add --help to see how it is used.')
    return EXIT.usage
  }
  if (signal.aborted || (error instanceof Error && error.name === 'AbortError')) return EXIT.interrupted
  const known = isAppError(error) ? error : toAppError(error, 'Slipway')
  const hint = known.code === 'unauthenticated' && !known.message.includes('slipway login') ? SIGN_IN : null
  reportError(io, known, hint)
  return exitCodeOf(known.code)
}

/** Runs one command line and answers its exit code. */
export async function run(args: readonly string[], runtime: Runtime): Promise<number> {
  const exit = { code: EXIT.ok as number }
  try {
    await createProgram(runtime, exit, version(), args).parseAsync(args, { from: 'user' })
    return runtime.signal.aborted ? EXIT.interrupted : exit.code
  } catch (error) {
    return report(runtime.io, error, runtime.signal)
  }
}

/** The process: its arguments, terminal, environment and signals. */
export async function start(): Promise<void> {
  const args = process.argv.slice(2)
  const abort = new AbortController()
  process.once('SIGINT', () => abort.abort())
  process.once('SIGTERM', () => abort.abort())
  // A reader that has seen enough (| head) closes the pipe: that is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failure),
  )
  let io = terminalIo(args, null)
  try {
    const env = processEnv()
    io = terminalIo(args, env.color)
    process.exitCode = await run(args, { io, env, cwd: process.cwd(), signal: abort.signal, nowMs: Date.now })
  } catch (error) {
    process.exitCode = report(io, error, abort.signal)
  }
}

if (process.argv[1] === import.meta.filename) await start()
