import { javaCauses } from './java.ts'
import type { Failure } from './match.ts'
import { nodeCauses } from './node.ts'
import { otherCauses } from './other.ts'
import { pythonCauses } from './python.ts'

// Colours, cursor movements and titles of terminals.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const TERMINAL = /\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07\x1b]*(\x07|\x1b\\))/g
const MAX_QUOTE_CHARS = 240

/**
 * The cause of a tool's failure in a part of a sentence, from the last lines that it printed: by what is known of the
 * tool, or else by the line that looks most like an error. Pure.
 */
export function causeOf(output: readonly string[], { title, code }: { title: string; code: number }): Failure {
  const lines = output.map((line) => (line.replace(TERMINAL, '').split('\r').at(-1) ?? '').trimEnd())
  const text = lines.join('\n')
  for (const cause of [...nodeCauses, ...pythonCauses, ...javaCauses, ...otherCauses]) {
    const found = cause(text, lines)
    if (found === null) continue
    const failure = typeof found === 'string' ? { cause: found, action: null } : found
    return { ...failure, cause: failure.cause.trim().replace(/[.:]+$/, '') }
  }
  const ended = code === 137 ? 'was killed, as happens when memory runs out' : `ended with code ${code}`
  const line = likeliestLine(lines)
  const said = line === null ? ' without printing why' : `: ${quoted(line).replace(/[.:]+$/, '')}`
  return { cause: `${title} ${ended}${said}`, action: null }
}

/** What package managers say after the error itself. */
const NOISE =
  /^\s*$|^npm (error|ERR!) (code|path|command|A complete log|Lifecycle script|workspace|location|errno|syscall|signal)|A complete log of this run|ELIFECYCLE|^error Command failed|^info Visit|exited with code|exit(ed)? (code|status)|^\s*at .+[:(]\d+|^Node\.js v\d|^\s*\^+\s*$|^\$ |^> |^\s*[{}[\]]+,?\s*$|Command failed/i
const ERROR =
  /\b(error|fatal|failed|failure|cannot|can't|could not|unable|not found|no such|denied|invalid|exception|missing|refused)\b|Error:|✘|✖|×/i

function likeliestLine(lines: readonly string[]): string | null {
  const telling = lines.filter((line) => !NOISE.test(line))
  const typed = telling.findLast((line) => /^\s*(Uncaught )?[A-Za-z.]*(Error|Exception)\b.*: \S/.test(line))
  return typed ?? telling.findLast((line) => ERROR.test(line)) ?? telling.at(-1) ?? null
}

function quoted(line: string): string {
  const bare = line.trim().replace(/^(npm (error|ERR!)|error:?|✘|✖|×)\s+(?=\S)/i, '')
  return bare.length > MAX_QUOTE_CHARS ? `${bare.slice(0, MAX_QUOTE_CHARS)}…` : bare
}
