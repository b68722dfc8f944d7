import {
  type Channel,
  findEnvironmentId,
  listAcceptedDeliveryIds,
  listActiveBuildIds,
  listActiveRunIds,
  listEnvironmentIds,
  listScheduledAppIds,
} from '@slipway/db'
import type { Reconcile } from '@slipway/reconcile'
import { reconcileApp } from './app.ts'
import { createBuildController } from './build.ts'
import type { ControllerContext, ControllerKind } from './context.ts'
import { reconcileDelivery } from './delivery.ts'
import { reconcileEnvironment } from './environment.ts'
import { createRunController } from './run.ts'
import { reconcileScaling } from './scaling.ts'

/** What a controller keeps beside its queue. */
export interface Reconciler {
  reconcile: Reconcile
  stop?(): Promise<void>
}

/** One controller: adding one is adding a row. */
interface ControllerRow {
  /** Whose notifications carry its ids; null: AppState hears them first, and tells when the row is in. */
  channel: Channel | null
  /** Ids that a start, a reconnect of the listener and a resync begin with. */
  ids(context: Pick<ControllerContext, 'db' | 'apps'>): Promise<string[]>
  /** Ids that are reconciled at once. */
  concurrency: number
  /** What the cluster tells it: calls with an id, until the function that it answers is called. */
  observe?(context: ControllerContext, enqueue: (id: string) => void): () => void
  /** Groups take turns; one group when not given. */
  groupOf?(context: Pick<ControllerContext, 'apps'>, id: string): string
  create(context: ControllerContext): Reconciler
}

/** A namespace, or what guards it, changed: its environment is looked up by its name. */
function observeNamespaces({ caches, db, logger }: ControllerContext, enqueue: (id: string) => void): () => void {
  return caches.onNamespaceChange((namespace) => {
    findEnvironmentId(db, namespace)
      .then((id) => id !== null && enqueue(id))
      .catch((err) => logger.warn({ err }, 'a change of the cluster could not be matched'))
  })
}

const CONTROLLERS = {
  // First, because apps wait for theirs.
  environment: {
    channel: 'slipway_environment',
    ids: ({ db }) => listEnvironmentIds(db),
    concurrency: 4,
    observe: observeNamespaces,
    create: (context) => ({ reconcile: (id) => reconcileEnvironment(context, id) }),
  },
  app: {
    channel: null,
    ids: async ({ apps }) => apps.ids(),
    concurrency: 8,
    observe: ({ apps }, enqueue) => apps.onChange(enqueue),
    // A team that deletes four hundred apps delays nobody else's.
    groupOf: ({ apps }, id) => apps.wanted(id)?.teamId ?? '',
    create: (context) => ({ reconcile: (id) => reconcileApp(context, id) }),
  },
  build: {
    channel: 'slipway_build',
    ids: ({ db }) => listActiveBuildIds(db),
    concurrency: 8,
    observe: ({ caches }, enqueue) => caches.onBuildChange(enqueue),
    create: createBuildController,
  },
  delivery: {
    channel: 'slipway_delivery',
    ids: ({ db }) => listAcceptedDeliveryIds(db),
    concurrency: 2,
    create: (context) => ({ reconcile: (id) => reconcileDelivery(context, id) }),
  },
  run: {
    channel: 'slipway_run',
    ids: ({ db }) => listActiveRunIds(db),
    concurrency: 4,
    observe: ({ caches }, enqueue) => caches.onRunChange(enqueue),
    create: createRunController,
  },
  scaling: {
    channel: 'slipway_scaling',
    ids: ({ db }) => listScheduledAppIds(db),
    concurrency: 2,
    create: (context) => ({ reconcile: (id) => reconcileScaling(context, id) }),
  },
} as const satisfies Record<ControllerKind, ControllerRow>

export const CONTROLLER_ROWS = Object.entries(CONTROLLERS) as [ControllerKind, ControllerRow][]
