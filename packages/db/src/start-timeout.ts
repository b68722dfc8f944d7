import { isRouted, type ProcessDefinition, START_TIMEOUT_SECONDS, slipwayFileSchema } from '@slipway/domain'
import { readSettings } from './app-settings.ts'
import type { LockedApp } from './locked-app.ts'
import type { Transaction } from './transaction.ts'

/**
 * Processes of a new release with the time that they have to start: what the slipway.yaml of their build says, or the app's setting as it stands.
 * The default is left out, so that pod templates of before it could be set stay as they are.
 */
export async function startable(
  tx: Transaction,
  { row }: LockedApp,
  { processes, buildNumber }: { processes: readonly ProcessDefinition[]; buildNumber?: number | null },
): Promise<ProcessDefinition[]> {
  const key = { appId_number: { appId: row.id, number: buildNumber ?? 0 } }
  const build = buildNumber ? await tx.build.findUnique({ where: key, select: { slipwayFile: true } }) : null
  const file = slipwayFileSchema.safeParse(build?.slipwayFile).data
  const startTimeoutSeconds = file?.startTimeout ?? readSettings(row.buildSettings).startTimeout
  return processes.map(({ startTimeoutSeconds: _, kind, ...process }) => ({
    ...process,
    kind,
    ...(isRouted({ kind }) && startTimeoutSeconds !== START_TIMEOUT_SECONDS ? { startTimeoutSeconds } : {}),
  }))
}
