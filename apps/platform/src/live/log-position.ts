import { createHash } from 'node:crypto'
import type { LogLine } from '@slipway/domain'
import { nanosecondsOf } from './log-time.ts'

/** How far one instance's log was sent: the time of its last line, and how many lines of that same time. */
export interface Watermark {
  nanoseconds: bigint
  count: number
}

/**
 * How far a merged log was sent: one watermark an instance. Its text is the id of a batch, so a client that was cut goes on
 * exactly there, from this process or any other.
 */
export type LogPosition = Map<string, Watermark>

const VERSION = '1'
const MAX_INSTANCES = 250

/** Pod names are long; a short hash of one is enough to know it again. */
export function instanceKey(pod: string): string {
  return createHash('sha256').update(pod).digest('base64url').slice(0, 8)
}

export function encodePosition(position: LogPosition): string {
  const parts = [...position].map(
    ([key, { nanoseconds, count }]) => `${key}.${nanoseconds.toString(36)}.${count.toString(36)}`,
  )
  return [VERSION, ...parts.slice(-MAX_INSTANCES)].join('~')
}

/** Null where the text is none of ours: the reader then begins with the tail. */
export function decodePosition(text: string): LogPosition | null {
  const [version, ...parts] = text.split('~')
  if (version !== VERSION || parts.length > MAX_INSTANCES) return null
  const position: LogPosition = new Map()
  for (const part of parts) {
    const match = /^([\w-]{8})\.([0-9a-z]{1,14})\.([0-9a-z]{1,6})$/.exec(part)
    if (!match) return null
    const [, key = '', time = '', count = ''] = match
    position.set(key, { nanoseconds: fromBase36(time), count: Number.parseInt(count, 36) })
  }
  return position
}

function fromBase36(text: string): bigint {
  let value = 0n
  for (const digit of text) value = value * 36n + BigInt(Number.parseInt(digit, 36))
  return value
}

/** The watermark after one more line. */
export function advance(mark: Watermark | undefined, nanoseconds: bigint): Watermark {
  if (mark === undefined || nanoseconds > mark.nanoseconds) return { nanoseconds, count: 1 }
  return { nanoseconds: mark.nanoseconds, count: mark.count + 1 }
}

/** Moves the watermark of the line's instance to the line. */
export function advanceTo(position: LogPosition, line: Pick<LogLine, 'instance' | 'at'>): void {
  const key = instanceKey(line.instance)
  position.set(key, advance(position.get(key), nanosecondsOf(line.at)))
}

/**
 * Passes only what comes after a watermark, when a log is read again from around its time: earlier lines, and as many of that
 * very time as were seen, are left out.
 */
export function createResumeFilter(mark: Watermark | undefined): (nanoseconds: bigint) => boolean {
  let seenOfSameTime = 0
  return (nanoseconds) => {
    if (mark === undefined || nanoseconds > mark.nanoseconds) return true
    if (nanoseconds < mark.nanoseconds) return false
    seenOfSameTime++
    return seenOfSameTime > mark.count
  }
}

/** RFC 3339 in whole seconds, rounded down: what `sinceTime` of the log API takes. */
export function sinceTimeOf(mark: Watermark): string {
  return new Date(Number(mark.nanoseconds / 1_000_000n)).toISOString()
}
