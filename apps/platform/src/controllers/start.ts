import type { Channel } from '@slipway/db'
import {
  type Controller,
  type ControllerStats,
  createController,
  createWorkqueue,
  type Reconcile,
} from '@slipway/reconcile'
import type { AppDirectory } from '../live/app-directory.ts'
import { reconcileApp } from './app.ts'
import { type BuildController, createBuildController } from './build.ts'
import type { ControllerContext, ControllerKind } from './context.ts'
import { reconcileDelivery } from './delivery.ts'
import { reconcileEnvironment } from './environment.ts'

/** Every id is looked at this often, whatever was or was not heard. */
const RESYNC_MS = 5 * 60_000
const CONCURRENCY: Record<ControllerKind, number> = { app: 8, environment: 4, build: 8, delivery: 2 }
const BACKOFF = { baseMs: 200, maxMs: 30_000, jitter: 0.2 } as const
/** Failures of one key before they are worth a warning: the first ones are usually a conflict or a short absence. */
const QUIET_FAILURES = 3
const STOP_GRACE_MS = 5000

/** Which controller a notification of the database is for; logs are for those who follow them. */
export const KIND_OF_CHANNEL = {
  slipway_app: 'app',
  slipway_environment: 'environment',
  slipway_build: 'build',
  slipway_build_log: null,
  slipway_delivery: 'delivery',
} as const satisfies Record<Channel, ControllerKind | null>

export interface RunningControllers {
  enqueue(kind: ControllerKind, id: string): void
  stats(): Record<string, ControllerStats>
  stop(): Promise<void>
}

/**
 * Starts reconciling: called when this process becomes the leader. Begins with every id; after that both sides wake it, the
 * rows by NOTIFY and the cluster by its informers. Nothing goes on running when it throws.
 */
export async function startControllers(
  base: Omit<ControllerContext, 'enqueue'>,
  directory: AppDirectory,
): Promise<RunningControllers> {
  const { context, controllers, builds } = makeControllers(base, directory)
  const unsubscribe = subscribe(context, directory)
  const resync = startResync(context)
  const stop = async () => {
    resync.stop()
    unsubscribe()
    await Promise.all(Object.values(controllers).map((each) => each.stop(STOP_GRACE_MS)))
    await builds.stop()
  }
  for (const each of Object.values(controllers)) each.start()
  try {
    await enqueueAll(context)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    enqueue: context.enqueue,
    stats: () => Object.fromEntries(Object.values(controllers).map((each) => [each.name, each.stats()])),
    stop,
  }
}

function makeControllers(
  base: Omit<ControllerContext, 'enqueue'>,
  directory: AppDirectory,
): {
  context: ControllerContext
  controllers: Record<ControllerKind, Controller>
  builds: BuildController
} {
  const make = (name: ControllerKind, reconcile: Reconcile, groupOf: (key: string) => string = () => '') =>
    createController({
      name,
      reconcile,
      concurrency: CONCURRENCY[name],
      queue: createWorkqueue({ backoff: BACKOFF, groupOf }),
      onError: (err, key, { failures }) => {
        const entry = { err, controller: name, key, failures }
        base.logger[failures > QUIET_FAILURES ? 'warn' : 'debug'](entry, 'a look failed; it is tried again')
      },
    })
  const context: ControllerContext = { ...base, enqueue: (kind, id) => controllers[kind].enqueue(id) }
  const builds = createBuildController(context)
  const controllers = {
    // A team that deletes four hundred apps delays nobody else's.
    app: make(
      'app',
      (id) => reconcileApp(context, id),
      (id) => directory.teamOf(id) ?? '',
    ),
    environment: make('environment', (id) => reconcileEnvironment(context, id)),
    build: make('build', (id) => builds.reconcile(id)),
    delivery: make('delivery', (id) => reconcileDelivery(context, id)),
  }
  return { context, controllers, builds }
}

/** Looks at everything when the caches have synced, and from time to time. */
function startResync(context: ControllerContext): { stop(): void } {
  let stopped = false
  const all = async () => {
    if (stopped) return
    try {
      await enqueueAll(context)
    } catch (err) {
      context.logger.warn({ err }, 'the resync failed; the next one comes')
    }
  }
  if (!context.caches.isSynced()) void context.caches.synced().then(all)
  const timer = setInterval(all, RESYNC_MS)
  return {
    stop() {
      stopped = true
      clearInterval(timer)
    },
  }
}

/** The cluster's side: objects name their app, Jobs and their pods the build, namespaces their environment. */
function subscribe(context: ControllerContext, directory: AppDirectory): () => void {
  const { caches, db, enqueue } = context
  const failed = (err: unknown) => context.logger.warn({ err }, 'a change of the cluster could not be matched')
  const stops = [
    caches.onAppChange((key) => {
      const id = directory.idOf(key)
      if (id !== undefined) enqueue('app', id)
    }),
    caches.onBuildChange((id) => enqueue('build', id)),
    caches.onNamespaceChange((namespace) => {
      db.client.environment
        .findUnique({ where: { namespace }, select: { id: true } })
        .then((row) => row && enqueue('environment', row.id))
        .catch(failed)
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** After a start, a reconnect and on every resync. Builds and deliveries that are over are left alone. */
export async function enqueueAll({ db, enqueue }: Pick<ControllerContext, 'db' | 'enqueue'>): Promise<void> {
  const select = { id: true } as const
  const { environment, app, build, delivery } = db.client
  for (const { id } of await environment.findMany({ select })) enqueue('environment', id)
  for (const { id } of await app.findMany({ select })) enqueue('app', id)
  const active = { status: { in: ['queued', 'running'] as ('queued' | 'running')[] } }
  for (const { id } of await build.findMany({ where: active, orderBy: { createdAt: 'asc' }, select }))
    enqueue('build', id)
  for (const { id } of await delivery.findMany({ where: { status: 'accepted' }, select })) enqueue('delivery', id)
}
