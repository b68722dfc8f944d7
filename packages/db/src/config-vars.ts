import { AppError, type ConfigChange, isBuildVar } from '@slipway/domain'
import { z } from 'zod'
import type { Database } from './database.ts'
import { cipherContext } from './encryption.ts'
import type { ConfigVar, Release } from './generated/client.ts'
import type { Transaction } from './transaction.ts'

/** Config vars of an app at most, and their size together: a release's Secret holds at most 1 MiB, base64 and names included. */
const MAX_CONFIG_VARS = 500
const MAX_CONFIG_BYTES = 512 * 1024

export type Config = Readonly<Record<string, string>>

const configSchema = z.record(z.string(), z.string())

/** An app's config vars in clear, as the next release will run with them. */
export async function readConfig(db: Database, tx: Transaction, appId: string): Promise<Config> {
  const rows = await tx.configVar.findMany({ where: { appId }, orderBy: { key: 'asc' } })
  return Object.fromEntries(
    rows.map((row) => [row.key, db.cipher.decrypt(row.ciphertext, cipherContext.configVar(appId, row.key))]),
  )
}

/** The config vars that a build sees, in clear: those that its settings name. */
export async function readBuildVars(db: Database, appId: string, patterns: readonly string[]): Promise<Config> {
  if (patterns.length === 0) return {}
  const config = await db.transaction((tx) => readConfig(db, tx, appId))
  return Object.fromEntries(Object.entries(config).filter(([key]) => isBuildVar(patterns, key)))
}

/** The config vars that a release runs with, in clear. */
export function readReleaseConfig(
  db: Database,
  release: Pick<Release, 'appId' | 'number' | 'configCiphertext'>,
): Config {
  const context = cipherContext.releaseConfig(release.appId, release.number)
  return configSchema.parse(JSON.parse(db.cipher.decrypt(release.configCiphertext, context)))
}

export function encryptReleaseConfig(db: Database, appId: string, number: number, config: Config): string {
  return db.cipher.encrypt(JSON.stringify(config), cipherContext.releaseConfig(appId, number))
}

/** Keys that differ between two configs, by name. */
export function configChanges(before: Config, after: Config): ConfigChange[] {
  const changes: ConfigChange[] = []
  for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    if (!Object.hasOwn(before, key)) changes.push({ key, change: 'added' })
    else if (!Object.hasOwn(after, key)) changes.push({ key, change: 'removed' })
    else if (before[key] !== after[key]) changes.push({ key, change: 'changed' })
  }
  return changes
}

/** Makes the rows hold exactly `config`; what did not change keeps its date and author. Answers what changed. Throws `too_large` over the limits. */
export async function writeConfig(
  db: Database,
  tx: Transaction,
  appId: string,
  config: Config,
  by: string,
): Promise<ConfigChange[]> {
  const bytes = Object.entries(config).reduce((sum, [key, value]) => sum + Buffer.byteLength(key + value), 0)
  if (Object.keys(config).length > MAX_CONFIG_VARS || bytes > MAX_CONFIG_BYTES) {
    throw new AppError(
      'too_large',
      `An app can have ${MAX_CONFIG_VARS} config vars of ${MAX_CONFIG_BYTES / 1024} KiB together; this would be ${Object.keys(config).length} of ${Math.ceil(bytes / 1024)} KiB. Keep large values in a file or a bucket.`,
    )
  }
  const changes = configChanges(await readConfig(db, tx, appId), config)
  for (const { key, change } of changes) {
    const value = config[key]
    if (change === 'removed' || value === undefined) {
      await tx.configVar.delete({ where: { appId_key: { appId, key } } })
      continue
    }
    const data = {
      ciphertext: db.cipher.encrypt(value, cipherContext.configVar(appId, key)),
      length: value.length,
      updatedAt: new Date(),
      updatedBy: by,
    }
    await tx.configVar.upsert({
      where: { appId_key: { appId, key } },
      create: { appId, key, ...data },
      update: data,
    })
  }
  return changes
}

/** Names, lengths and dates; no values. */
export function listConfigVars(db: Database, appId: string): Promise<Omit<ConfigVar, 'ciphertext'>[]> {
  return db.client.configVar.findMany({ where: { appId }, omit: { ciphertext: true }, orderBy: { key: 'asc' } })
}

/** One value in clear. Throws `not_found`. */
export async function revealConfigVar(db: Database, appId: string, key: string): Promise<string> {
  const row = await db.client.configVar.findUnique({ where: { appId_key: { appId, key } } })
  if (!row) throw new AppError('not_found', `The config var ${key} is not set.`)
  return db.cipher.decrypt(row.ciphertext, cipherContext.configVar(appId, key))
}
