import { getAppRow, readProcesses } from '@slipway/db'
import { appPath } from '@slipway/domain'
import type { ApiDependencies } from '../api/index.ts'
import { primaryUrl } from '../api/views/address.ts'
import { refOf } from '../api/views/observation.ts'

/** The addresses that the end of a push shows. Throws `not_found` when the app is going. */
export async function describeApp(
  { db, config }: Pick<ApiDependencies, 'db' | 'config'>,
  appId: string,
): Promise<{ url: string | null; pageUrl: string }> {
  const row = await getAppRow(db, appId)
  const hasWeb = readProcesses(row.currentRelease?.processes ?? []).some(({ kind }) => kind === 'web')
  return { url: primaryUrl(config, row, hasWeb), pageUrl: `${config.publicUrl}/${appPath(refOf(row))}` }
}
