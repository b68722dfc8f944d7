import type { AppPage } from '#lib/paths.ts'

/** What follows `g`: a page of the app that is open. */
export const APP_KEYS: readonly { key: string; label: string; page?: AppPage }[] = [
  { key: 'o', label: 'Overview' },
  { key: 'r', label: 'Releases', page: 'releases' },
  { key: 'b', label: 'Builds', page: 'builds' },
  { key: 'l', label: 'Logs', page: 'logs' },
  { key: 'p', label: 'Processes', page: 'processes' },
  { key: 'c', label: 'Config', page: 'config' },
  { key: 'd', label: 'Networking', page: 'networking' },
  { key: 's', label: 'Settings', page: 'settings' },
]

/** What follows `g` everywhere. */
export const GLOBAL_KEYS = [
  { key: 'h', label: 'Apps' },
  { key: 't', label: 'Team' },
  { key: 'q', label: 'Quota' },
  { key: 'm', label: 'Members' },
  { key: 'n', label: 'New app' },
] as const

/** How long after `g` the second key counts, in milliseconds. */
export const SEQUENCE_TIMEOUT_MS = 1_500

/** True when keys belong to what is being typed in, not to the page. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}
