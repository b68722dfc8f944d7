import type { Readable, Writable } from 'node:stream'
import { stripVTControlCharacters, styleText } from 'node:util'
import { isAppError, plainText } from '@slipway/domain'

type Style = Parameters<typeof styleText>[0]

/** Where a command writes to and reads from, and how. */
export interface Io {
  stdin: Readable & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown }
  /** Columns and rows where it is a terminal, which then emits `resize`. */
  stdout: Writable & { columns?: number; rows?: number }
  stderr: Writable
  /** True for answers as JSON on standard output and nothing else there. */
  json: boolean
  color: boolean
  /** True for Kubernetes' own words beside ours. */
  verbose: boolean
  /** True when a person sits at both ends. */
  interactive: boolean
  /** True where something is piped or redirected into standard input. */
  piped: boolean
}

/** Writes a line for people; nothing with --json. */
export function say(io: Io, line = ''): void {
  if (!io.json) io.stdout.write(`${line}\n`)
}

/** Writes a remark that is not the answer: to standard error, so that pipes stay clean. */
export function note(io: Io, line: string): void {
  if (!io.json) io.stderr.write(`${line}\n`)
}

/** The answer of a command: as JSON, or as people read it. */
export function answer<T>(io: Io, value: T, human: (value: T) => void): void {
  if (io.json) io.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
  else human(value)
}

export function paint(io: Io, style: Style, text: string): string {
  return io.color ? styleText(style, text, { validateStream: false }) : text
}

/** Columns with headers, as wide as their widest cell. What is empty is said so by the caller. */
export function table(io: Io, headers: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = headers.map((header, column) =>
    Math.max(header.length, ...rows.map((row) => stripVTControlCharacters(row[column] ?? '').length)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map(
        (cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - stripVTControlCharacters(cell).length)),
      )
      .join('  ')
      .trimEnd()
  say(io, paint(io, 'dim', line(headers)))
  for (const row of rows) say(io, line(row))
}

/** Reports an error on standard error: what is wrong and what to do; as JSON where that is asked for. */
export function reportError(io: Io, error: Error, hint: string | null): void {
  if (io.json) {
    const { code, details } = isAppError(error) ? error : { code: 'internal', details: {} }
    io.stderr.write(`${JSON.stringify({ error: { code, message: error.message, details } })}\n`)
    return
  }
  io.stderr.write(`${paint(io, 'red', 'Error:')} ${plainText(error.message)}\n`)
  if (hint) io.stderr.write(`${hint}\n`)
}
