import { z } from 'zod'

/** What a person chose on this device; `system` follows the operating system. */
const themeSchema = z.enum(['system', 'light', 'dark'])
export type Theme = z.infer<typeof themeSchema>

export const THEME_COOKIE = 'slipway.theme'
export const SIDEBAR_COOKIE = 'slipway.sidebar'
const YEAR_SECONDS = 365 * 24 * 3600

/** The theme in a cookie's value; anything unknown is `system`. */
export function readTheme(value: string | undefined): Theme {
  return themeSchema.catch('system').parse(value)
}

function keep(name: string, value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere yet
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`
}

/** Applies a theme at once and keeps it in a cookie, so that the server's first paint has it too. */
export function applyTheme(theme: Theme): void {
  keep(THEME_COOKIE, theme)
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

/** Keeps whether the sidebar is folded. */
export function keepSidebar(folded: boolean): void {
  keep(SIDEBAR_COOKIE, folded ? 'folded' : 'open')
}
