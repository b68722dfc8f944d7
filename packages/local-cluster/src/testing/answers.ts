import { pick } from './api.ts'

const suffix = '[bcdfghjklmnpqrstvwxz2456789]'

/** A text without what differs from run to run, as the files of recorded answers have it. */
export function steady(text: string): string {
  return text
    .replace(/(.)\1{40,}/g, '$1…')
    .replace(/Gen_\w{5}/g, 'Gen_XXXXX')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
    .replace(/\b10\.\d+\.\d+\.\d+\b/g, 'IP')
    .replace(/kube-api-access-\w+/g, 'kube-api-access-x')
}

/** As `steady`, and without the letters at the end of generated names. */
export function withoutSuffixes(text: string): string {
  return steady(text)
    .replace(new RegExp(`-${suffix}{7,10}-${suffix}{5}\\b`, 'g'), '-HASH-XXXXX')
    .replace(new RegExp(`-${suffix}{5}\\b`, 'g'), '-XXXXX')
    .replace(new RegExp(`-${suffix}{8,10}\\b`, 'g'), '-HASH')
}

/** The texts of `Warning` headers: `299 - "one", 299 - "two"`, as fetch joins them. */
export function warningsOf(headers: Headers): string[] {
  const header = headers.get('warning') ?? ''
  return [...header.matchAll(/299 - ("(?:[^"\\]|\\.)*")/g)].map(([, quoted]) => String(JSON.parse(quoted ?? '""')))
}

/** True for the Status that a refusal is. */
export function isRefusal(body: unknown): boolean {
  return pick(body, 'kind') === 'Status' && pick(body, 'status') === 'Failure'
}
