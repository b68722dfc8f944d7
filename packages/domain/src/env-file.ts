import { configKeySchema, RESERVED_CONFIG_KEYS } from './names.ts'

export interface EnvFile {
  values: Record<string, string>
  /** What could not be read, with its line from 1. */
  problems: { line: number; message: string }[]
}

const ASSIGNMENT = /^\s*(?:export\s+)?([^=\s#][^=]*?)\s*=\s*(.*)$/

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' }

const QUOTES = new Set(['"', "'", '`'])
/** What an unquoted value may hold for every reader of such files to agree on it. */
const PLAIN = /^[\w@%+=:,./~*()[\]{}<>?!;&|^-]*$/

/** Takes a quoted value from the text behind `=`; null when the closing quote has not come yet. */
function readQuoted(text: string): { value: string; rest: string } | null {
  const quote = text[0]
  let value = ''
  for (let at = 1; at < text.length; at++) {
    const letter = text[at] ?? ''
    if (letter === quote) return { value, rest: text.slice(at + 1) }
    const next = text[at + 1]
    if (quote === '"' && letter === '\\' && next !== undefined) {
      value += ESCAPES[next] ?? `\\${next}`
      at += 1
    } else {
      value += letter
    }
  }
  return null
}

function checkKey(key: string): string | null {
  const parsed = configKeySchema.safeParse(key)
  if (!parsed.success) return `“${key}” is not a variable name. ${parsed.error.issues[0]?.message ?? ''}`.trim()
  return RESERVED_CONFIG_KEYS.has(key) ? `Slipway sets ${key} itself.` : null
}

/**
 * Reads a `.env` file: `KEY=value` lines, `export`, comments (from `#` at the start of a line or after a blank), single quotes and
 * backticks (as they are) and double quotes (with `\\n` and friends), each over several lines. Nothing is expanded. What cannot be read is
 * named with its line, from 1, and the rest is read on.
 */
export function parseEnvFile(text: string): EnvFile {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  const values = new Map<string, string>()
  const problems: EnvFile['problems'] = []
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const start = index + 1
    if (/^\s*(#|$)/.test(line)) continue
    const [, key, head = ''] = ASSIGNMENT.exec(line) ?? []
    if (key === undefined) {
      problems.push({ line: start, message: 'Not a KEY=value line.' })
      continue
    }
    let value = head.replace(/\s+#.*$/, '').trim()
    if (QUOTES.has(head[0] ?? '')) {
      let text = head
      let quoted = readQuoted(text)
      while (quoted === null && index + 1 < lines.length) {
        index += 1
        text += `\n${lines[index]}`
        quoted = readQuoted(text)
      }
      if (quoted === null) {
        problems.push({ line: start, message: `The value of ${key} has no closing quote.` })
        break
      }
      value = quoted.value
      if (!/^\s*(#.*)?$/.test(quoted.rest)) {
        problems.push({ line: index + 1, message: `There is text after the closing quote of ${key}.` })
        continue
      }
    }
    const problem = checkKey(key)
    if (problem) problems.push({ line: start, message: problem })
    else values.set(key, value)
  }
  return { values: Object.fromEntries(values), problems }
}

/** Writes variables so that `parseEnvFile` reads back the same values, byte for byte; other readers agree where they can. */
export function formatEnvFile(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${quoted(value)}\n`)
    .join('')
}

function quoted(value: string): string {
  if (PLAIN.test(value)) return value
  if (!/['\r]/.test(value)) return `'${value}'`
  return `"${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`
}
