import { stripVTControlCharacters } from 'node:util'
import type { AppRef, LogBatch, LogLine } from '@slipway/domain'
import type { Command } from 'commander'
import { toAppError } from '../errors.ts'
import { type Io, note, paint, say } from '../io.ts'
import { parseCount, parseSince } from '../parse.ts'
import { appOf, openSession, type Runtime, type Session, withApp } from '../runtime.ts'

interface LogOptions {
  follow?: boolean
  process?: string
  instance?: string
  tail: number
  since?: string
}

/** Lines of one answer. */
const MAX_LINES = 10_000

const COLORS = ['cyan', 'magenta', 'yellow', 'green', 'blue'] as const

/** The same process always has the same colour. */
function colorOf(process: string): (typeof COLORS)[number] {
  const sum = [...process].reduce((total, letter) => total + letter.charCodeAt(0), 0)
  return COLORS[sum % COLORS.length] ?? 'cyan'
}

const COLOR_CODE = new RegExp(`(${String.fromCharCode(27)}\\[[0-9;]*m)`)
const RESET = `${String.fromCharCode(27)}[0m`

/**
 * Text of an app, safe to print: colours stay where they are wanted, everything else that steers a terminal (its title, the
 * cursor, the clipboard) goes.
 */
export function safeText(text: string, color: boolean): string {
  const parts = text.split(COLOR_CODE)
  const shown = parts.map((part, index) => {
    if (index % 2 === 1) return color ? part : ''
    return stripVTControlCharacters(part).replace(/[^\P{Cc}\t]/gu, '')
  })
  return color && parts.length > 1 ? shown.join('') + RESET : shown.join('')
}

/** "2026-11-24T04:10:37.123Z web[x7k2p] text". The instance is the end of the pod's name, which tells pods apart. */
export function formatLine(io: Io, { at, process, instance, text, cut }: LogLine): string {
  const time = at.replace(/(\.\d{3})\d*/, '$1')
  const source = `${process}[${instance.split('-').at(-1) ?? instance}]`
  return `${paint(io, 'dim', time)} ${paint(io, colorOf(process), source)} ${safeText(text, io.color)}${cut ? paint(io, 'yellow', ' … (line cut)') : ''}`
}

function writeLines(io: Io, lines: readonly LogLine[]): void {
  for (const line of lines) {
    if (io.json) io.stdout.write(`${JSON.stringify(line)}\n`)
    else say(io, formatLine(io, line))
  }
}

/** Lines that are missing are never passed over in silence. */
function writeBatch(io: Io, { lines, skipped }: LogBatch): void {
  if (skipped > 0) {
    if (io.json) io.stdout.write(`${JSON.stringify({ skipped })}\n`)
    else note(io, paint(io, 'yellow', `… ${skipped} lines came too fast to show and were skipped`))
  }
  writeLines(io, lines)
}

/** Follows until Ctrl-C, the end of the stream or an error. A cut connection is taken up again where it was cut. */
function follow(runtime: Runtime, session: Session, ref: AppRef, options: LogOptions): Promise<void> {
  const { io, signal } = runtime
  const { process, instance, tail, since } = options
  return new Promise((resolve, reject) => {
    const subscription = session.api.live.logs.subscribe(
      { ...ref, process, instance, tail, since },
      {
        onData: ({ data }) => writeBatch(io, data),
        onError: (error) => reject(toAppError(error, session.url)),
        onComplete: resolve,
      },
    )
    session.refused.catch((error) => reject(toAppError(error, session.url)))
    const stop = () => {
      subscription.unsubscribe()
      resolve()
    }
    signal.addEventListener('abort', stop, { once: true })
  })
}

/** Tells on standard error that the connection was cut, and that it is back. */
function connectionTeller(io: Io): (error: Error | null) => void {
  let lost = false
  return (error) => {
    if (error && !lost) note(io, paint(io, 'yellow', `${error.message}; reconnecting …`))
    if (!error && lost) note(io, paint(io, 'yellow', 'Reconnected.'))
    lost = error !== null
  }
}

async function followAll(runtime: Runtime, options: LogOptions, command: Command): Promise<void> {
  const session = await openSession(runtime, connectionTeller(runtime.io))
  try {
    await follow(runtime, session, await appOf(runtime, command, session), options)
  } finally {
    session.close()
  }
}

export function registerLogs(program: Command, runtime: Runtime): void {
  program
    .command('logs')
    .description("Show what the app's processes print, merged")
    .option('-f, --follow', 'keep printing new lines until Ctrl-C')
    .option('-p, --process <process>', 'of one process only')
    .option('-i, --instance <instance>', 'of one instance only')
    .option('-n, --tail <lines>', 'how many of the last lines', parseCount(0, MAX_LINES), 100)
    .option('--since <time>', 'from a time on: 10m, 2h, 3d ago, or 2026-11-29T14:30:00Z', parseSince)
    .action(async (options: LogOptions, command: Command) => {
      if (options.follow) return followAll(runtime, options, command)
      const { process, instance, since } = options
      const tail = since !== undefined && command.getOptionValueSource('tail') === 'default' ? MAX_LINES : options.tail
      await withApp(runtime, command, async ({ api }, ref) => {
        writeLines(runtime.io, await api.logs.get.query({ ...ref, process, instance, tail, since }))
      })
    })
}
