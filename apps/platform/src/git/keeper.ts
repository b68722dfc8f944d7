import { type Database, listAppIds } from '@slipway/db'
import type { Logger } from '../server/logger.ts'
import { dropAbandonedPushes } from './refs.ts'
import type { Repositories } from './repositories.ts'

const SWEEP_MS = 10 * 60_000

interface Keeper {
  /** Resolves when pushes may begin: what an earlier process left undecided is gone. */
  ready: Promise<void>
  stop(): void
}

/**
 * Keeps the repositories of this process in step with the rows: drops pushes that a crash left undecided, then removes, now and
 * every ten minutes, repositories of apps that are gone.
 */
export function keepRepositories(parts: { db: Database; repositories: Repositories; logger: Logger }): Keeper {
  const { db, repositories, logger } = parts
  const sweep = async () => {
    // Repositories first: one that is made meanwhile has its row already.
    const found = await repositories.list()
    const apps = await listAppIds(db)
    for (const id of found) if (!apps.has(id)) await repositories.remove(id)
  }
  const dropAbandoned = async () => {
    for (const id of await repositories.list()) await dropAbandonedPushes(repositories.path(id))
  }
  const failed = (err: unknown) => logger.warn({ err }, 'repositories could not be swept; will retry')
  const timer = setInterval(() => void sweep().catch(failed), SWEEP_MS)
  const ready = dropAbandoned().catch(failed)
  void ready.then(sweep).catch(failed)
  return { ready, stop: () => clearInterval(timer) }
}
