import { AppError } from '@slipway/domain'

/** How a push waits: for its rollout, and how long. */
export interface PushWait {
  /** False returns once the release is made. */
  rollout: boolean
  limitMs: number
}

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000 } as const
const MAX_MS = 24 * 3_600_000

/** Reads `git push -o no-wait -o timeout=10m`. @throws AppError invalid_input on an option that is not known */
export function readPushOptions(options: readonly string[], defaultLimitMs: number): PushWait {
  const wait: PushWait = { rollout: true, limitMs: defaultLimitMs }
  for (const option of options) {
    if (option === 'no-wait') wait.rollout = false
    else if (option.startsWith('timeout=')) wait.limitMs = durationOf(option.slice('timeout='.length))
    else {
      throw new AppError(
        'invalid_input',
        `The push option "${option.slice(0, 100)}" is not known. Use -o no-wait or -o timeout=10m.`,
      )
    }
  }
  return wait
}

function durationOf(text: string): number {
  const match = /^(\d{1,6})(s|m|h)$/.exec(text)
  const ms = Number(match?.[1]) * UNITS_MS[(match?.[2] ?? 's') as keyof typeof UNITS_MS]
  if (Number.isFinite(ms) && ms > 0 && ms <= MAX_MS) return ms
  throw new AppError(
    'invalid_input',
    `The push option timeout=${text.slice(0, 20)} is no time up to 24h. Use for example -o timeout=10m.`,
  )
}

/** "10 minutes", "90 seconds". */
export function inWords(ms: number): string {
  const of = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`
  if (ms % 3_600_000 === 0) return of(ms / 3_600_000, 'hour')
  return ms % 60_000 === 0 ? of(ms / 60_000, 'minute') : of(Math.ceil(ms / 1000), 'second')
}
