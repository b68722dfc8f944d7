import type { Channel } from '@slipway/db'
import { type Controller, type ControllerStats, createController, createWorkqueue } from '@slipway/reconcile'
import type { ControllerContext, ControllerKind } from './context.ts'
import { CONTROLLER_ROWS, type Reconciler } from './table.ts'

const BACKOFF = { baseMs: 200, maxMs: 30_000, jitter: 0.2 } as const
/** Failures of one key before they are worth a warning: the first ones are usually a conflict or a short absence. */
const QUIET_FAILURES = 3
const STOP_GRACE_MS = 5000
/** The fourth failure of a key, the eighth, the sixteenth…: one that cannot succeed must not rotate the log away. */
const isNews = (failures: number) => failures > QUIET_FAILURES && Number.isInteger(Math.log2(failures))

export interface RunningControllers {
  enqueue(kind: ControllerKind, id: string): void
  /** Hands an id that a notification carries to the controller that the table names, if any. */
  notified(channel: Channel, id: string): void
  /** Begins anew with every id, but for apps, of which AppState tells when it has read them again. */
  resync(): Promise<void>
  stats(): Record<string, ControllerStats>
  stop(): Promise<void>
}

/**
 * Starts reconciling: called when this process becomes the leader. Begins with every id; after that both sides wake it, the
 * rows by NOTIFY and the cluster by its informers. Nothing goes on running when it throws.
 */
export async function startControllers(base: Omit<ControllerContext, 'enqueue'>): Promise<RunningControllers> {
  const { context, controllers, reconcilers } = makeControllers(base)
  const stops = CONTROLLER_ROWS.flatMap(
    ([kind, { observe }]) => observe?.(context, (id) => context.enqueue(kind, id)) ?? [],
  )
  async function enqueueAll(rows = CONTROLLER_ROWS): Promise<void> {
    for (const [kind, { ids }] of rows) for (const id of await ids(context)) context.enqueue(kind, id)
  }
  let isStopped = false
  const stop = async () => {
    isStopped = true
    for (const each of stops) each()
    await Promise.all([...controllers.values()].map((each) => each.stop(STOP_GRACE_MS)))
    await Promise.all(reconcilers.map((each) => each.stop?.()))
  }
  // What was observed before the caches synced was nothing.
  async function onSynced(): Promise<void> {
    if (isStopped) return
    await enqueueAll().catch((err) => context.logger.warn({ err }, 'the resync failed; the next one comes'))
  }
  if (!context.caches.isSynced()) void context.caches.synced().then(onSynced)
  for (const each of controllers.values()) each.start()
  try {
    await enqueueAll()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    enqueue: context.enqueue,
    resync: () => enqueueAll(CONTROLLER_ROWS.filter(([, { channel }]) => channel !== null)),
    notified(channel, id) {
      for (const [kind, row] of CONTROLLER_ROWS) if (row.channel === channel) context.enqueue(kind, id)
    },
    stats: () => Object.fromEntries([...controllers.values()].map((each) => [each.name, each.stats()])),
    stop,
  }
}

function makeControllers(base: Omit<ControllerContext, 'enqueue'>): {
  context: ControllerContext
  controllers: Map<ControllerKind, Controller>
  reconcilers: Reconciler[]
} {
  const controllers = new Map<ControllerKind, Controller>()
  const reconcilers: Reconciler[] = []
  const context: ControllerContext = { ...base, enqueue: (kind, id) => controllers.get(kind)?.enqueue(id) }
  for (const [name, { concurrency, create, groupOf }] of CONTROLLER_ROWS) {
    const reconciler = create(context)
    reconcilers.push(reconciler)
    const group = groupOf === undefined ? () => '' : (id: string) => groupOf(context, id)
    const controller = createController({
      name,
      reconcile: (id, run) => reconciler.reconcile(id, run),
      concurrency,
      queue: createWorkqueue({ backoff: BACKOFF, groupOf: group, observer: base.metrics.workOf(name) }),
      onError: (err, key, { failures }) => {
        const entry = { err, controller: name, key, failures }
        base.logger[isNews(failures) ? 'warn' : 'debug'](entry, 'reconcile failed; will retry')
      },
    })
    controllers.set(name, controller)
  }
  return { context, controllers, reconcilers }
}
