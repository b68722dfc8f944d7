/** One line of a container's log as the API gives it with `timestamps=true`. */
export interface StampedLine {
  /** RFC 3339, nanoseconds where the cluster has them. */
  at: string
  text: string
  /** Set where the line was longer than what is kept of it. */
  cut?: true
}

/** A stream is for reading: longer lines are cut, and marked. */
const TEXT_LIMIT_CHARACTERS = 16 * 1024

/** Takes the time off a line. A line without one (a cut, a runtime that adds none) keeps `fallback`. */
export function parseStampedLine(line: string, fallback: string): StampedLine {
  const space = line.indexOf(' ')
  const stamp = space < 0 ? line : line.slice(0, space)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(stamp)) return { at: fallback, ...shown(line) }
  return { at: stamp, ...shown(space < 0 ? '' : line.slice(space + 1)) }
}

/** What a terminal is left with: a progress bar that redraws its line with carriage returns shows its last state. */
function shown(raw: string): Pick<StampedLine, 'text' | 'cut'> {
  const text = raw.includes('\r') ? (raw.split('\r').findLast((state) => state !== '') ?? '') : raw
  if (text.length <= TEXT_LIMIT_CHARACTERS) return { text }
  // Never between the two halves of a character beyond the basic plane.
  const half = /[\ud800-\udbff]/.test(text[TEXT_LIMIT_CHARACTERS - 1] ?? '')
  return { text: text.slice(0, TEXT_LIMIT_CHARACTERS - (half ? 1 : 0)), cut: true }
}

/**
 * Nanoseconds since 1970 of an RFC 3339 time: text cannot be compared, since runtimes leave out zeros at the end. Zero
 * where it is no time.
 */
export function nanosecondsOf(at: string): bigint {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/.exec(at)
  if (!match) return 0n
  const [, seconds, fraction = '', zone] = match
  const ms = Date.parse(`${seconds}${zone}`)
  return Number.isNaN(ms) ? 0n : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

/** Compares by time, for sort. */
export function byTime(a: { at: string }, b: { at: string }): number {
  const difference = nanosecondsOf(a.at) - nanosecondsOf(b.at)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
