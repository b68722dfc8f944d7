import type { TrackName } from '@slipway/domain'

type Labelled = { metadata?: { labels?: Record<string, string> } }

/** The process an object belongs to, or null where it carries no such label. */
export function processOf(object: Labelled): string | null {
  return object.metadata?.labels?.['slipway.dev/process'] ?? null
}

/** The track an object is on; what carries no such label is stable. */
export function trackOf(object: Labelled): TrackName {
  return object.metadata?.labels?.['slipway.dev/track'] === 'candidate' ? 'candidate' : 'stable'
}

/** The release an object was made for, or null where it carries no such label. */
export function releaseOf(object: Labelled): number | null {
  const value = object.metadata?.labels?.['slipway.dev/release']
  return value !== undefined && /^[1-9]\d{0,8}$/.test(value) ? Number(value) : null
}
