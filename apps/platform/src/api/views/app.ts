import { AppError, type AppView, type Role } from '@slipway/domain'
import type { AppState } from '../../apps/app-state.ts'
import { sharedJsonOf, shareJson } from '../../apps/shared-json.ts'
import type { SharedAppView } from '../../apps/view.ts'

const byRole = new WeakMap<SharedAppView, Map<Role, AppView>>()

/** The view with who looks at it: one object for everyone of the role, with the JSON of all. */
function viewFor(view: SharedAppView, role: Role): AppView {
  const views = byRole.get(view) ?? new Map<Role, AppView>()
  byRole.set(view, views)
  const known = views.get(role)
  if (known !== undefined) return known
  const own: AppView = { role, ...view }
  shareJson(own, () => `{"role":${JSON.stringify(role)},${sharedJsonOf(view)?.slice(1)}`)
  views.set(role, own)
  return own
}

/** An app as its page shows it, after a change that this process made. Throws `not_found` when it is gone or going. */
export async function changedAppView({ apps }: { apps: AppState }, appId: string, role: Role): Promise<AppView> {
  await apps.refresh([appId])
  return appView(apps, appId, role)
}

/** As this process knows it now. Throws `not_found` when it is gone or going. */
export function appView(apps: AppState, appId: string, role: Role): AppView {
  const view = apps.view(appId)
  if (view === undefined) throw new AppError('not_found', 'This app has been deleted.')
  return viewFor(view, role)
}
