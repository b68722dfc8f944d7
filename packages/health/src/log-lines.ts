// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of terminals
const COLOURS = /\x1b\[[0-9;]*m/g

/** Lines of a log as they read: without the colours of terminals and the space around. */
export function plainLines(logTail: readonly string[]): string[] {
  return logTail.map((text) => text.replace(COLOURS, '').trim())
}
