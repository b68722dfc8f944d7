import { getAppRow, readProcesses } from '@slipway/db'
import { appPath } from '@slipway/domain'
import type { ApiDependencies } from '../api/index.ts'
import { primaryUrl } from '../api/views/address.ts'
import { refOf } from '../api/views/observation.ts'

/** What the end of a push shows: the app's addresses, and whether anything of it answers there. Throws `not_found` when the app is going. */
export async function describeApp(
  { db, config }: Pick<ApiDependencies, 'db' | 'config'>,
  appId: string,
): Promise<{ url: string | null; pageUrl: string; hasWeb: boolean }> {
  const row = await getAppRow(db, appId)
  const hasWeb = readProcesses(row.currentRelease?.processes ?? []).some(({ kind }) => kind === 'web')
  return { url: primaryUrl(config, row, hasWeb), pageUrl: `${config.publicUrl}/${appPath(refOf(row))}`, hasWeb }
}
