import { configKeySchema, RESERVED_CONFIG_KEYS } from '@slipway/domain'

export interface EnvFile {
  values: Record<string, string>
  /** What could not be read, with its line from 1. */
  problems: { line: number; message: string }[]
}

const ASSIGNMENT = /^\s*(?:export\s+)?([^=\s#][^=]*?)\s*=\s*(.*)$/

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' }

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
 * Reads a `.env` file: `KEY=value` lines, `export`, comments, single quotes (as they are) and double quotes (with \n and
 * friends, over several lines). Nothing is expanded. What cannot be read is told by line, and the rest is read on.
 */
export function parseEnvFile(text: string): EnvFile {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  const file: EnvFile = { values: {}, problems: [] }
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const start = index + 1
    if (/^\s*(#|$)/.test(line)) continue
    const [, key, head = ''] = ASSIGNMENT.exec(line) ?? []
    if (key === undefined) {
      file.problems.push({ line: start, message: 'Not a KEY=value line.' })
      continue
    }
    let value = head.replace(/\s+#.*$/, '').trim()
    if (/^["']/.test(head)) {
      let text = head
      let quoted = readQuoted(text)
      while (quoted === null && index + 1 < lines.length) {
        index += 1
        text += `\n${lines[index]}`
        quoted = readQuoted(text)
      }
      if (quoted === null) {
        file.problems.push({ line: start, message: `The value of ${key} has no closing quote.` })
        break
      }
      value = quoted.value
    }
    const problem = checkKey(key)
    if (problem) file.problems.push({ line: start, message: problem })
    else file.values[key] = value
  }
  return file
}
