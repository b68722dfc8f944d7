import {
  type BuildSettings,
  type BuildSettingsPatch,
  buildSettingsSchema,
  describeSetting,
  SETTING_LABELS,
  type SettingKey,
} from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import { withLockedApp } from './locked-app.ts'
import { notify } from './notify.ts'

/** How an app is built, read from its row; what the row leaves out has its default. */
export function readSettings(stored: unknown): BuildSettings {
  return buildSettingsSchema.parse(stored)
}

export interface SettingsChange {
  appId: string
  /** What is not named stays. */
  settings: BuildSettingsPatch
  /** Null lets the next push choose it; not given stays. */
  deployBranch?: string | null | undefined
  actor: Actor
}

/** Changes how an app is built, from its next build on. No release is made. */
export function updateSettings(db: Database, change: SettingsChange): Promise<void> {
  const { appId, actor } = change
  return withLockedApp(db, appId, async (tx, app) => {
    const before = readSettings(app.row.buildSettings)
    const after = readSettings({ ...before, ...withoutUndefined(change.settings) })
    const branch = { before: app.row.deployBranch, after: app.row.deployBranch }
    if (change.deployBranch !== undefined) branch.after = change.deployBranch
    const changes = (Object.keys(SETTING_LABELS) as SettingKey[])
      .map((key) => ({
        key,
        from: describeSetting(key, before, branch.before),
        to: describeSetting(key, after, branch.after),
      }))
      .filter(({ from, to }) => from !== to)
    if (changes.length === 0) return
    await tx.app.update({ where: { id: appId }, data: { buildSettings: after, deployBranch: branch.after } })
    await writeAudit(tx, {
      teamId: app.teamId,
      actor,
      action: 'app.updateSettings',
      subject: app.subject,
      summary: `${changes.map(({ key, from, to }) => sentence(key, from, to)).join('; ')}.`,
    })
    await notify(tx, 'slipway_app', appId)
  })
}

/** Values of build arguments stay out of the audit log: people put secrets there, told not to. */
function sentence(key: SettingKey, from: string, to: string): string {
  const label = SETTING_LABELS[key]
  return key === 'buildArgs' ? `${label} changed` : `${label}: ${from} → ${to}`
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>
}

/** Makes the next build begin with an empty cache. */
export function clearBuildCache(db: Database, input: { appId: string; actor: Actor }): Promise<void> {
  return withLockedApp(db, input.appId, async (tx, app) => {
    const settings = readSettings(app.row.buildSettings)
    const cacheVersion = settings.cacheVersion + 1
    await tx.app.update({ where: { id: input.appId }, data: { buildSettings: { ...settings, cacheVersion } } })
    await writeAudit(tx, {
      teamId: app.teamId,
      actor: input.actor,
      action: 'build.clearCache',
      subject: app.subject,
      summary: 'Cleared the build cache.',
    })
    await notify(tx, 'slipway_app', input.appId)
  })
}
