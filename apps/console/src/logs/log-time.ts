/** Times of log lines, in the reader's zone. */
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })

/** "14:03:22" and ".123" of an RFC 3339 time, as the reader's clock shows it. */
export function clockTime(at: string): { seconds: string; fraction: string } {
  const ms = Date.parse(at)
  if (Number.isNaN(ms)) return { seconds: at, fraction: '' }
  return { seconds: clock.format(ms), fraction: `.${String(((ms % 1000) + 1000) % 1000).padStart(3, '0')}` }
}

/** "29 Nov, 14:03:22". */
export function dayAndTime(at: string): string {
  const ms = Date.parse(at)
  return Number.isNaN(ms) ? at : `${day.format(ms)}, ${clock.format(ms)}`
}

/** What `<input type="datetime-local">` shows for a moment: the reader's clock, without a zone. */
export function toLocalInput(ms: number): string {
  const offsetMs = new Date(ms).getTimezoneOffset() * 60_000
  return new Date(ms - offsetMs).toISOString().slice(0, 19)
}

/** The moment that such a field names, as ISO 8601; null for text that is no time. */
export function fromLocalInput(text: string): string | null {
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? null : new Date(ms).toISOString()
}
