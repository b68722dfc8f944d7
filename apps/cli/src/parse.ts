import { SIZE_NAMES, SIZES, type Size } from '@slipway/domain'
import { InvalidArgumentError } from 'commander'

/** "KEY=VALUE" → its parts; the value may hold further equal signs and may be empty. */
export function parseAssignment(text: string): [key: string, value: string] {
  const at = text.indexOf('=')
  if (at <= 0) throw new InvalidArgumentError(`"${text}" is not of the form KEY=VALUE.`)
  return [text.slice(0, at), text.slice(at + 1)]
}

/** "web=3" → the process and how many instances it is to have; "web" leaves the number as it is. */
export function parseScale(text: string): { name: string; instances?: number } {
  const match = /^([a-z][-a-z0-9]*)(?:=(\d{1,6}))?$/.exec(text)
  if (!match?.[1]) throw new InvalidArgumentError(`"${text}" is not of the form PROCESS=NUMBER, such as web=2.`)
  return match[2] === undefined ? { name: match[1] } : { name: match[1], instances: Number(match[2]) }
}

/** CPU as Kubernetes writes it, in millicores: "500m" → 500, "0.5" → 500, "2" → 2000. */
export function parseCpu(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(text)
  const millis = match ? Number(match[1]) * (match[2] ? 1 : 1000) : Number.NaN
  if (!Number.isInteger(Math.round(millis)) || millis < 1) {
    throw new InvalidArgumentError('Give CPU in millicores (500m) or cores (0.5).')
  }
  return Math.round(millis)
}

/** Memory in MiB: "512Mi" → 512, "512" → 512, "1Gi" → 1024; M and G are taken as the same. */
export function parseMemory(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([MG]?)(?:i?B?)$/i.exec(text)
  const mebibytes = match ? Number(match[1]) * (match[2]?.toUpperCase() === 'G' ? 1024 : 1) : Number.NaN
  if (!Number.isFinite(mebibytes) || mebibytes < 1)
    throw new InvalidArgumentError('Give memory in MiB (512Mi) or GiB (1Gi).')
  return Math.round(mebibytes)
}

/** A size that has a name. */
export function parseSize(text: string): Size {
  const name = SIZE_NAMES.find((each) => each === text)
  if (name === undefined) throw new InvalidArgumentError(`"${text}" is no size. Use ${SIZE_NAMES.join(', ')}.`)
  return SIZES[name]
}

/** A release's number: "v42" or "42". */
export function parseRelease(text: string): number {
  const match = /^v?([1-9]\d{0,8})$/.exec(text)
  if (!match) throw new InvalidArgumentError(`"${text}" is not a release. Give its number, such as v42.`)
  return Number(match[1])
}

/** A whole number between two others. */
export function parseCount(minimum: number, maximum: number) {
  return (text: string): number => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (!(number >= minimum && number <= maximum)) {
      throw new InvalidArgumentError(`Give a whole number from ${minimum} to ${maximum}.`)
    }
    return number
  }
}

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A moment in the past: "10m", "2h", "3d" ago, or an RFC 3339 time. Answers ISO 8601. */
export function parseSince(text: string): string {
  const ago = /^(\d{1,6})([smhd])$/.exec(text)
  if (ago) return new Date(Date.now() - Number(ago[1]) * (UNIT_MS[ago[2] ?? ''] ?? 0)).toISOString()
  // Kept as it is: the nanoseconds of a line's time are part of it.
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)))
    return text
  throw new InvalidArgumentError('Give an age such as 10m, 2h or 3d, or a time such as 2026-11-29T14:30:00Z.')
}

/** How long something may take, in seconds: "90s", "10m", "2h"; a number alone is seconds. */
export function parseTimeout(minimum: number, maximum: number) {
  return (text: string): number => {
    const match = /^(\d{1,6})([smh]?)$/.exec(text)
    const seconds = match ? (Number(match[1]) * (UNIT_MS[match[2] || 's'] ?? 0)) / 1000 : Number.NaN
    if (!(seconds >= minimum && seconds <= maximum)) {
      throw new InvalidArgumentError(
        `Give a time such as 90s, 10m or 2h, from ${minimum} s to ${maximum < 3600 ? `${maximum} s` : `${maximum / 3600} h`}.`,
      )
    }
    return seconds
  }
}

/** Adds to what an argument that may be given several times already holds. */
export function collect<T>(parse: (text: string) => T) {
  return (text: string, all: T[] | undefined): T[] => [...(all ?? []), parse(text)]
}
