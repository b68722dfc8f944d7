import { CHANNELS, type Listener } from '@slipway/db'
import type { ClusterView } from '../live/cluster-view.ts'
import { createApplier } from './apply.ts'
import type { ControllerContext } from './context.ts'
import { type Leader, runForLeader } from './leader.ts'
import { enqueueAll, KIND_OF_CHANNEL, type RunningControllers, startControllers } from './start.ts'

/** Listening to the database, and reconciling while this process has the role for it and is the leader. */
export interface Reconciling {
  start(): void
  stop(): Promise<void>
  stats(): Record<string, unknown>
}

type Parts = Omit<ControllerContext, 'enqueue' | 'applier'>

export function createReconciling(parts: Parts, view: ClusterView): Reconciling {
  const { db, settings, logger } = parts
  let controllers: RunningControllers | null = null
  let listener: Listener | null = null
  let leader: Leader | null = null
  let stopped = false
  const warn = (text: string) => (err: unknown) => {
    if (!stopped) logger.warn({ err }, text)
  }

  async function onMessage(channel: (typeof CHANNELS)[number], id: string): Promise<void> {
    if (channel === 'slipway_build_log') parts.buildLogs.notified(id)
    const kind = KIND_OF_CHANNEL[channel]
    if (kind !== null) controllers?.enqueue(kind, id)
    if (channel !== 'slipway_app') return
    await view.directory.refreshApp(id)
    view.hub.appRowChanged(id)
  }

  async function onResync(): Promise<void> {
    await view.directory.refresh()
    if (controllers !== null) await enqueueAll({ db, enqueue: controllers.enqueue })
  }

  async function lead(lost: AbortSignal): Promise<void> {
    // Observing needs the caches; a cluster that is away does not keep deletions of rows and the like waiting.
    const applier = createApplier(parts.cluster, parts.caches, parts.owner)
    await view.directory.refresh()
    const running = await startControllers({ ...parts, applier }, view.directory)
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
        onResync: () => void onResync().catch(warn('the rows could not be read again; the next resync comes')),
        onError: warn('the listener lost the database; it comes back'),
      })
      if (settings.roles.includes('reconcile')) {
        leader = runForLeader({ databaseUrl: settings.databaseUrl, logger, lead })
      }
    },
    async stop() {
      stopped = true
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
