import { hasEscapes, stripAnsi } from './ansi.ts'

/** How serious a line is, least first. */
export const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type Level = (typeof LEVELS)[number]

/** A line that is a JSON object: its message, and the rest as pairs. */
export interface StructuredLine {
  message: string
  fields: [key: string, value: string][]
}

const MAX_JSON_LENGTH = 16_384
const MESSAGE_KEYS = ['msg', 'message', 'event', 'text']
/** Said elsewhere in the row, or of no use to a reader. */
const HIDDEN_KEYS = new Set([
  ...MESSAGE_KEYS,
  'level',
  'severity',
  'lvl',
  'time',
  'timestamp',
  'ts',
  '@timestamp',
  'pid',
  'hostname',
  'v',
])

const WORDS: Record<string, Level> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
  fatal: 'error',
  critical: 'error',
  crit: 'error',
  panic: 'error',
  emerg: 'error',
}

/** Levels by the numbers of pino and bunyan. */
function numericLevel(level: number): Level {
  if (level >= 50) return 'error'
  if (level >= 40) return 'warn'
  return level >= 30 ? 'info' : 'debug'
}

const JSON_LEVEL = /"(?:level|severity|lvl)"\s*:\s*(?:"([a-zA-Z]+)"|(\d+))/
const TEXT_LEVEL =
  /(?:^|[\s[(|=])(trace|debug|info|notice|warn(?:ing)?|error|err|fatal|critical|crit|panic|emerg)(?=[\]):|\s]|$)/i
/** Where a level word is looked for: after that it is prose. */
const LEVEL_WITHIN = 64
const FAILURE =
  /^(?:Traceback \(most recent call last\)|(?:[A-Z]\w*)?(?:Error|Exception)\b|Uncaught|panic:|npm (?:error|ERR!))/

/** The level that a line names; null when it names none. `plain` has no escapes. */
export function levelOf(plain: string): Level | null {
  if (plain.startsWith('{')) {
    const match = JSON_LEVEL.exec(plain.slice(0, MAX_JSON_LENGTH))
    if (match?.[1]) return WORDS[match[1].toLowerCase()] ?? null
    return match?.[2] ? numericLevel(Number(match[2])) : null
  }
  if (FAILURE.test(plain)) return 'error'
  const word = TEXT_LEVEL.exec(plain.slice(0, LEVEL_WITHIN))?.[1]
  return word ? (WORDS[word.toLowerCase()] ?? null) : null
}

function shown(value: unknown): string {
  if (typeof value === 'string') return /\s/.test(value) ? JSON.stringify(value) : value
  return JSON.stringify(value) ?? ''
}

/** Reads a line that is a JSON object; null for any other line. */
export function readStructured(plain: string): StructuredLine | null {
  if (!plain.startsWith('{') || !plain.trimEnd().endsWith('}') || plain.length > MAX_JSON_LENGTH) return null
  let parsed: unknown
  try {
    parsed = JSON.parse(plain)
  } catch {
    return null // Only looked like JSON: shown as the text it is.
  }
  if (typeof parsed !== 'object' || parsed === null) return null
  const entries = Object.entries(parsed)
  const message = entries.find(([key, value]) => MESSAGE_KEYS.includes(key) && typeof value === 'string')?.[1]
  const fields = entries
    .filter(([key]) => !HIDDEN_KEYS.has(key))
    .map(([key, value]): [string, string] => [key, shown(value)])
  return { message: typeof message === 'string' ? message : '', fields }
}

/** A line without escapes, without work where there are none. */
export function plainOf(text: string): string {
  return hasEscapes(text) ? stripAnsi(text) : text
}
