const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })
const dayWithYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' })
const exact = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
})

/** "just now", "3 min ago", "in 2 days", "4 Mar". `at` is ISO 8601, `nowMs` milliseconds since the epoch. */
export function relativeTime(at: string, nowMs: number): string {
  const date = new Date(at)
  const distanceMs = nowMs - date.getTime()
  if (Number.isNaN(distanceMs)) return '–'
  const size = Math.abs(distanceMs)
  const say = (amount: number, unit: string) => (distanceMs >= 0 ? `${amount} ${unit} ago` : `in ${amount} ${unit}`)
  if (size < 45_000) return distanceMs >= 0 || size < 5_000 ? 'just now' : 'in a moment'
  if (size < HOUR_MS) return say(Math.max(1, Math.round(size / MINUTE_MS)), 'min')
  if (size < DAY_MS) return say(Math.floor(size / HOUR_MS), 'h')
  if (size < 30 * DAY_MS) {
    const days = Math.floor(size / DAY_MS)
    return say(days, days === 1 ? 'day' : 'days')
  }
  return date.getFullYear() === new Date(nowMs).getFullYear() ? day.format(date) : dayWithYear.format(date)
}

/** "in 89 days", "12 days ago": whole days however many there are, and smaller units within one. */
export function relativeDays(at: string, nowMs: number): string {
  const days = Math.floor(Math.abs(nowMs - new Date(at).getTime()) / DAY_MS)
  if (Number.isNaN(days) || days < 2) return relativeTime(at, nowMs)
  return new Date(at).getTime() > nowMs ? `in ${days} days` : `${days} days ago`
}

/** The exact moment with its time zone, for hovering. */
export function exactTime(at: string): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? at : exact.format(date)
}

/** "4.2 s", "1 min 20 s", "2 h 5 min". */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, durationMs)
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  if (ms < MINUTE_MS) return `${Math.round(ms / 1000)} s`
  const seconds = Math.round(ms / 1000)
  if (ms < HOUR_MS) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.floor(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Age as kubectl writes it: "45s", "12m", "3h", "8d". */
export function formatAge(at: string, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - new Date(at).getTime()) / 1000))
  if (Number.isNaN(seconds)) return '–'
  if (seconds < 120) return `${seconds}s`
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}
