import { CHANNELS, type Listener } from '@slipway/db'
import type { ControllerStats } from '@slipway/reconcile'
import type { AppState } from '../apps/app-state.ts'
import type { HookDirectory } from '../hooks/directory.ts'
import type { ClusterCaches } from '../live/caches.ts'
import type { LiveHub } from '../live/hub.ts'
import { createRenderings } from './app-rendering.ts'
import { createApplier } from './apply.ts'
import type { ControllerContext } from './context.ts'
import { type Leader, runForLeader } from './leader.ts'
import { createPreparedEnvironments } from './prepared-environments.ts'
import { type RunningControllers, startControllers } from './start.ts'

export interface ReconcilingStats {
  leading: boolean
  leader: ReturnType<Leader['stats']> | undefined
  listener: ReturnType<Listener['stats']> | undefined
  /** Empty while another process leads. */
  controllers: Record<string, ControllerStats>
}

/** Listening to the database, and reconciling while this process has the role for it and is the leader. */
export interface Reconciling {
  start(): void
  stop(): Promise<void>
  stats(): ReconcilingStats
}

/** Every row is read and every id reconciled this often, whatever was or was not heard. */
const RESYNC_MS = 5 * 60_000
const RESYNC_FAILED = 'the rows could not be read again; the next resync comes'

type Parts = Omit<ControllerContext, 'enqueue' | 'applier' | 'renderings' | 'environments' | 'apps' | 'caches'>

/** What notifications of the database are handed to, and what controllers read of the cluster. */
interface Observed {
  apps: AppState
  caches: ClusterCaches
  hub: Pick<LiveHub, 'accountChanged' | 'runChanged'>
}

export function createReconciling(parts: Parts, view: Observed, hooks: HookDirectory): Reconciling {
  const { db, settings, logger } = parts
  let controllers: RunningControllers | null = null
  let listener: Listener | null = null
  let leader: Leader | null = null
  let resync: NodeJS.Timeout | undefined
  let stopped = false
  const warn = (text: string) => (err: unknown) => {
    if (!stopped) logger.warn({ err }, text)
  }

  async function onMessage(channel: (typeof CHANNELS)[number], id: string): Promise<void> {
    // A build that ends well writes no last line: a follower of its log is woken by its row.
    if (channel === 'slipway_build_log' || channel === 'slipway_build') parts.buildLogs.notified(id)
    if (channel === 'slipway_run_log' || channel === 'slipway_run') parts.runLogs.notified(id)
    controllers?.notified(channel, id)
    if (channel === 'slipway_account') view.hub.accountChanged(id)
    if (channel === 'slipway_run') view.hub.runChanged(id)
    if (channel !== 'slipway_app') return
    hooks.appChanged(id)
    await view.apps.refresh([id])
  }

  async function onResync(): Promise<void> {
    hooks.clear()
    await view.apps.refresh()
    await controllers?.resync()
  }

  async function lead(lost: AbortSignal): Promise<void> {
    // Observing needs the caches; a cluster that is away does not keep deletions of rows and the like waiting.
    const applier = createApplier(parts.cluster, view.caches, parts.owner)
    const renderings = createRenderings(db, settings, applier)
    const environments = createPreparedEnvironments(view.caches, applier)
    // What was written down by the leader before was told nobody.
    await view.apps.refresh()
    const running = await startControllers({
      ...parts,
      apps: view.apps,
      caches: view.caches,
      applier,
      renderings,
      environments,
    })
    controllers = running
    try {
      if (!lost.aborted)
        await new Promise<void>((resolve) => lost.addEventListener('abort', () => resolve(), { once: true }))
    } finally {
      controllers = null
      await running.stop()
    }
  }

  return {
    start() {
      listener = db.listen({
        channels: CHANNELS,
        onMessage: (channel, id) => void onMessage(channel, id).catch(warn('a notification could not be followed')),
        onResync() {
          view.apps.setListening(true)
          void onResync().catch(warn(RESYNC_FAILED))
        },
        onError(error) {
          view.apps.setListening(false)
          warn('the listener lost the database; it comes back')(error)
        },
      })
      resync = setInterval(() => void onResync().catch(warn(RESYNC_FAILED)), RESYNC_MS)
      if (settings.roles.includes('reconcile')) {
        leader = runForLeader({ databaseUrl: settings.databaseUrl, logger, lead })
      }
    },
    async stop() {
      stopped = true
      clearInterval(resync)
      await leader?.stop()
      await listener?.stop()
    },
    stats: () => ({
      leading: leader?.isLeading() ?? false,
      leader: leader?.stats(),
      listener: listener?.stats(),
      controllers: controllers?.stats() ?? {},
    }),
  }
}
