import { statfs } from 'node:fs/promises'
import type { Database } from '@slipway/db'
import type { PartView } from '@slipway/domain'
import type { ClusterView } from './cluster-view.ts'
import type { ReconcilingStats } from './controllers/reconciling.ts'
import type { InstallationHealth } from './ports/health.ts'

/** Less than this much of a disk is worth saying. */
const LOW_DISK_SHARE = 0.1
const GIB = 2 ** 30

interface Parts {
  db: Pick<Database, 'ping'>
  view: Pick<ClusterView, 'problem' | 'caches'>
  reconciling: () => ReconcilingStats
  /** Null where nothing is kept on this process' disk. */
  stateDir: string | null
}

async function database({ db }: Parts): Promise<PartView> {
  const part = (ok: boolean, says: string) => ({ name: 'Database', ok, says })
  const startedAt = performance.now()
  return db.ping().then(
    () => part(true, `Responds in ${Math.ceil(performance.now() - startedAt)} ms.`),
    (error: unknown) => part(false, error instanceof Error ? error.message : String(error)),
  )
}

function cluster({ view }: Parts): PartView {
  const problem = view.problem()
  return { name: 'Cluster', ok: problem === null, says: problem === null ? 'Responds.' : `Away: ${problem}.` }
}

function informers({ view }: Parts): PartView {
  const all = Object.entries(view.caches.stats())
  const behind = all.filter(([, each]) => !each.synced || !each.connected).map(([name]) => name)
  const objects = all.reduce((sum, [, each]) => sum + each.objects, 0)
  const says =
    behind.length === 0 ? `${all.length} watches, ${objects} objects.` : `Not watching: ${behind.join(', ')}.`
  return { name: 'Informers', ok: behind.length === 0, says }
}

function notifications({ reconciling }: Parts): PartView {
  const connected = reconciling().listener?.connected ?? false
  const says = connected ? 'Listening.' : 'Not listening: changes take effect with the next resync.'
  return { name: 'Notifications', ok: connected, says }
}

async function disk({ stateDir }: Parts): Promise<PartView[]> {
  if (stateDir === null) return []
  const { bavail, blocks, bsize } = await statfs(stateDir)
  const [free, total] = [bavail * bsize, blocks * bsize]
  const says = `${(free / GIB).toFixed(1)} GiB free of ${(total / GIB).toFixed(1)} GiB where repositories are kept.`
  return [{ name: 'Disk', ok: free > total * LOW_DISK_SHARE, says }]
}

/** What operators see of Slipway's own parts: those that this process uses, and its queues. */
export function createInstallationHealth(parts: Parts): InstallationHealth {
  return {
    parts: async () => [
      await database(parts),
      cluster(parts),
      informers(parts),
      notifications(parts),
      ...(await disk(parts)),
    ],
    queues() {
      const { leading, controllers } = parts.reconciling()
      if (!leading) return null
      return Object.values(controllers).map(({ name, depth, delayed, processing, runs, errors }) => ({
        ...{ name, waiting: depth + delayed, running: processing, done: runs, failed: errors },
      }))
    },
  }
}
