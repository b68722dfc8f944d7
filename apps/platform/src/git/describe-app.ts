import { AppError, appPath } from '@slipway/domain'
import { hasWebProcess, primaryUrl } from '../apps/address.ts'
import type { AppState } from '../apps/app-state.ts'
import type { ApiConfig } from '../ports/config.ts'

/** What the end of a push shows: the app's addresses, and whether anything of it answers there. Throws `not_found` when the app is going. */
export async function describeApp(
  { apps, config }: { apps: AppState; config: ApiConfig },
  appId: string,
): Promise<{ url: string | null; pageUrl: string; hasWeb: boolean }> {
  await apps.refresh([appId])
  const app = apps.wanted(appId)
  if (app === undefined || app.isDeleted) throw new AppError('not_found', 'This app has been deleted.')
  const pageUrl = `${config.publicUrl}/${appPath(app.ref)}`
  return { url: primaryUrl(config, app), pageUrl, hasWeb: hasWebProcess(app) }
}
