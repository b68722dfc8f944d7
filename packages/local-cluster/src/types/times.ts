/** Times as the API writes them, in UTC. Reference: metav1.Time and metav1.MicroTime of k8s.io/apimachinery. */

/** With whole seconds. @param ms since the epoch */
export const timestamp = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** With microseconds, as far as the clock has them. @param ms since the epoch */
export const microTimestamp = (ms: number) => `${new Date(ms).toISOString().slice(0, -1)}000Z`

/** A duration in Go's words, `1m2.5s` or `12ms`: Duration.String. @param ms whole milliseconds count */
export function goDuration(ms: number): string {
  const whole = Math.trunc(ms)
  if (whole > 0 && whole < 1000) return `${whole}ms`
  const [hours, minutes, seconds] = [
    Math.floor(whole / 3_600_000),
    Math.floor(whole / 60_000) % 60,
    (whole % 60_000) / 1000,
  ]
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`
}
