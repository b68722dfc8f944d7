import type { AppRef } from '@slipway/domain'

/** What an address is about: as many of the four names as it has, and the page below them. */
export interface Place extends Partial<AppRef> {
  page: string | null
}

/** First segments that are pages of ours, never teams. */
const OWN_PAGES = new Set(['new', 'settings', 'login', 'setup', 'welcome', 'invite', 'cli-login', 'dev', 'admin'])

/** Reads an address: "/acme/shop/production/web/logs" → the app's names and `logs`. */
export function parsePlace(pathname: string): Place {
  const [team, project, environment, app, ...rest] = pathname.split('/').filter(Boolean)
  if (!team || OWN_PAGES.has(team)) return { page: team ?? null }
  if (!project) return { team, page: null }
  if (project === 'settings') return { team, page: environment ? `settings/${environment}` : 'settings' }
  if (!environment) return { team, project, page: null }
  if (environment === 'settings') return { team, project, page: 'settings' }
  if (!app) return { team, project, environment, page: null }
  return { team, project, environment, app, page: rest[0] ?? null }
}

/** The app that an address is about, null when it is about something else. */
export function appOf(place: Place): AppRef | null {
  const { team, project, environment, app } = place
  return team && project && environment && app ? { team, project, environment, app } : null
}
