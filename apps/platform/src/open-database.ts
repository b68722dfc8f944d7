import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, isDatabaseAway, migrate, moveAddressCredentials, openDatabase } from '@slipway/db'
import { ensureAdmin } from './auth/ensure-admin.ts'
import type { PlatformSettings } from './env.ts'
import type { Logger } from './server/logger.ts'

const DATABASE_WAIT_MS = 120_000

/** Migrates and opens the database. One that is still starting is waited for; one that refuses us is not. */
export async function openWhenReady(settings: PlatformSettings, logger: Logger): Promise<Database> {
  const deadline = Date.now() + DATABASE_WAIT_MS
  for (;;) {
    try {
      const applied = await migrate(settings.databaseUrl)
      if (applied.length > 0) logger.info({ applied }, 'migrated the database')
      break
    } catch (error) {
      if (!isDatabaseAway(error) || Date.now() > deadline) throw error
      logger.info('waiting for the database')
      await sleep(500)
    }
  }
  const db = openDatabase(settings.databaseUrl, {
    secretKey: settings.secretKey,
    maxConnections: 20,
    onError: (err) => logger.warn({ err }, 'a database connection was lost; the pool replaces it'),
  })
  const moved = await moveAddressCredentials(db)
  if (moved > 0) logger.info({ moved }, 'moved credentials out of the addresses of repositories')
  if (settings.admin !== null) {
    await ensureAdmin(db, settings.admin.email, settings.admin.password)
    if (settings.adminPasswordFile !== null) await dropFile(settings.adminPasswordFile, logger)
  }
  return db
}

/** A file that is mounted read-only stays; the operator who mounts it removes it. */
async function dropFile(file: string, logger: Logger): Promise<void> {
  await rm(file, { force: true }).catch((err) => logger.debug({ err }, 'the file of the first password stays'))
}
