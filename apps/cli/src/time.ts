const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
]
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

/** "3 minutes ago"; "-" where there is no time. */
export function ago(time: string | null, nowMs: number): string {
  if (!time) return '-'
  const elapsedMs = Math.max(0, nowMs - Date.parse(time))
  const [unit, sizeMs] = STEPS.find(([, size]) => elapsedMs >= size) ?? (['second', 1000] as const)
  return relative.format(-Math.floor(elapsedMs / sizeMs), unit)
}

/** Age as kubectl writes it: "45s", "12m", "3h", "5d". */
export function age(time: string | null, nowMs: number): string {
  if (!time) return '-'
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(time)) / 1000))
  if (seconds < 120) return `${seconds}s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}

/** "in 3 minutes". */
export function until(time: string, nowMs: number): string {
  const leftMs = Math.max(0, Date.parse(time) - nowMs)
  const [unit, sizeMs] = STEPS.find(([, size]) => leftMs >= size) ?? (['second', 1000] as const)
  return relative.format(Math.floor(leftMs / sizeMs), unit)
}
