import { type Controller, createController, createWorkqueue, type Reconcile } from '@slipway/reconcile'
import type { LocalApi } from '../types/client.ts'
import { isConflict, isNamespaceTerminating, isNotFound } from '../types/errors.ts'
import { giveWay } from '../types/give-way.ts'
import type { KubernetesObject } from '../types/objects.ts'
import type { ResourceType } from '../types/resources.ts'

/** What every controller is given. */
export interface ControllerContext {
  api: LocalApi
  /** Milliseconds since the epoch. */
  now: () => number
  /** Told of errors that are retried, for the log. */
  onError: (controller: string, error: unknown, key: string) => void
  /** Where volumes are made; absent: none are made here. */
  volumesDir?: string
}

/** As client-go's controllers retry, who see a quota or a policy refuse ten pods within three seconds; its end of 1000 s is too long to wait. */
const backoff = { baseMs: 5, maxMs: 60_000, jitter: 0 }

/** Delay before reconciling our own kind, so the write's response goes out first. */
const noticeMs = 10

/** Keys of controllers are `namespace/name`. */
export const keyOf = (object: KubernetesObject) => `${object.metadata.namespace ?? ''}/${object.metadata.name}`
export function parseKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** A running controller with its watches. */
export interface RunningController {
  controller: Controller
  stop(): Promise<void>
}

/** The keys that a change asks to be looked at. `previous`: before the change; null where it is new, or where it only begins to be watched. */
type Keys = (object: KubernetesObject, deleted: boolean, previous: KubernetesObject | null) => readonly string[]

export interface Watch {
  type: ResourceType
  keys: Keys
}

/** A key whose look took long rests for as long: an owner of thousands of pods is not looked at for each one's every change. */
const REST = { leastMs: 20, maxMs: 500 }

/**
 * Runs a reconcile function over the keys that `watches` name for every change. Every existing object is delivered first,
 * so a start needs nothing else.
 */
export function runController(
  context: ControllerContext,
  options: {
    name: string
    reconcile: Reconcile
    concurrency?: number
    /** The controller's own kind first. */
    watches: Watch[]
  },
): RunningController {
  const controller = createController({
    name: options.name,
    concurrency: options.concurrency ?? 4,
    queue: createWorkqueue({ backoff, rest: REST }),
    // Lost races and objects that went meanwhile: the next look sees how things are.
    reconcile: async (key, run) => {
      await giveWay()
      try {
        return await options.reconcile(key, run)
      } catch (error) {
        if (isConflict(error)) return { requeueAfterMs: 10 }
        if (isNotFound(error) || isNamespaceTerminating(error)) return undefined
        throw error
      }
    },
    onError: (error, key) => context.onError(options.name, error, key),
  })
  const stops = options.watches.map(({ type, keys }, at) =>
    context.api.watch(type, {
      sendInitialEvents: true,
      onEvent: ({ type: change, object, previous = null }) => {
        const delayMs = at === 0 ? noticeMs : 0
        for (const key of keys(object, change === 'DELETED', previous)) controller.enqueueAfter(key, delayMs)
      },
    }),
  )
  controller.start()
  return {
    controller,
    async stop() {
      for (const stop of stops) stop()
      await controller.stop(1_000)
    },
  }
}

/** Keys of the object's controlling owner, where it is of this kind, and of the one it had before. */
export function ownerKeys(object: KubernetesObject, kind: string, previous: KubernetesObject | null = null): string[] {
  const before = previous === null ? [] : ownerKeys(previous, kind)
  const owner = object.metadata.ownerReferences?.find((each) => each.controller === true && each.kind === kind)
  if (owner === undefined) return before
  const key = `${object.metadata.namespace ?? ''}/${owner.name}`
  return [key, ...before.filter((other) => other !== key)]
}
