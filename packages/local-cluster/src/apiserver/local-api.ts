import type { StoredEvent } from '../store/history.ts'
import type {
  ApplyOptions,
  DeleteOptions,
  EventToRecord,
  ListOptions,
  ListResult,
  LocalApi,
  ObjectKey,
  PatchType,
  WatchOptions,
  WriteOptions,
} from '../types/client.ts'
import type { Json, KubernetesObject, KubernetesObjectInput } from '../types/objects.ts'
import { Events, type ResourceType } from '../types/resources.ts'
import type { ApiCore } from './core/core.ts'
import { bindPod } from './core/pod-subresources.ts'
import type { WriteContext } from './core/request.ts'
import { selectionPredicate } from './core/select.ts'
import { visibleEvent } from './core/watch.ts'
import { EventRecorder } from './events/recorder.ts'

/** The API in process, writing as `fieldManager` unless a call says otherwise. */
export function createLocalApi(core: ApiCore, fieldManager: string): LocalApi {
  const context = (options: WriteOptions | undefined): WriteContext => ({
    fieldManager: options?.fieldManager ?? fieldManager,
    dryRun: options?.dryRun === true,
    fieldValidation: 'Strict',
    warnings: [],
  })
  const recorder = createRecorder(core)
  /** A write is durable when its promise resolves, and all writes of one turn of the event loop are committed at once. */
  const write = async <T>(work: () => T): Promise<T> => {
    const result = work()
    await core.store.committed()
    return result
  }
  const api: LocalApi = {
    get: async <T extends KubernetesObject>(type: ResourceType, key: ObjectKey) =>
      typed<T | null>(core.find(type, key)),
    list: async <T extends KubernetesObject>(type: ResourceType, options?: ListOptions): Promise<ListResult<T>> => ({
      items: typed<T[]>(core.list(type, options ?? {})),
      resourceVersion: String(core.store.revision),
    }),
    watch: (type, options) => watchObjects(core, type, options),
    create: <T extends KubernetesObject>(object: KubernetesObjectInput, options?: WriteOptions) =>
      write(() =>
        typed<T>(core.create(core.strategyOf(object), object.metadata.namespace, wire(object), context(options))),
      ),
    update: <T extends KubernetesObject>(object: KubernetesObjectInput, options?: WriteOptions) =>
      write(() => typed<T>(core.update(core.strategyOf(object), pathOf(object), wire(object), context(options)))),
    updateStatus: <T extends KubernetesObject>(object: KubernetesObjectInput, options?: WriteOptions) =>
      write(() =>
        typed<T>(core.update(core.strategyOf(object), pathOf(object), statusOf(object), context(options), 'status')),
      ),
    patch: <T extends KubernetesObject>(
      type: ResourceType,
      key: ObjectKey,
      patch: { type: PatchType; body: Json; subresource?: 'status' },
      options?: WriteOptions,
    ) =>
      write(() => {
        const strategy = core.strategyOf(type)
        return typed<T>(core.patch(strategy, key, patch, context(options), patch.subresource))
      }),
    apply: <T extends KubernetesObject>(
      object: KubernetesObjectInput,
      options?: ApplyOptions & { subresource?: 'status' },
    ) =>
      write(() => {
        const { force = false, subresource } = options ?? {}
        const strategy = core.strategyOf(object)
        return typed<T>(core.apply(strategy, pathOf(object), wire(object), context(options), { force, subresource }))
      }),
    delete: (type: ResourceType, key: ObjectKey, options?: DeleteOptions) =>
      write(() => {
        core.delete(core.strategyOf(type), key, options ?? {})
      }),
    bind: (pod: ObjectKey, nodeName: string) => write(() => bindPod(core, pod, { nodeName })),
    // An event that a crash takes along is no loss: nobody waits for it.
    recordEvent: async (event: EventToRecord) => recorder.record(event),
  }
  return api
}

/** Objects are JSON that was checked against the kind's schema; the caller names the kind's type. */
function typed<T>(value: unknown): T {
  return value as T
}

/** As JSON: decoding copies it, without undefined keys, so nothing that the caller holds is kept or changed. */
function wire(object: KubernetesObjectInput): Json {
  return object as unknown as Json
}

/** Of an object whose status is written nothing else counts. */
function statusOf(object: KubernetesObjectInput): Json {
  const { apiVersion, kind, metadata } = object
  return wire({ apiVersion, kind, metadata, ...{ status: Reflect.get(object, 'status') } })
}

function pathOf(object: KubernetesObjectInput): ObjectKey {
  const { namespace, name = '' } = object.metadata
  return namespace === undefined ? { name } : { namespace, name }
}

function watchObjects(core: ApiCore, type: ResourceType, options: WatchOptions): () => void {
  const matches = selectionPredicate(core.strategyOf(type), options)
  let stopped = false
  const deliver = (event: StoredEvent) => {
    const visible = stopped ? null : visibleEvent(event, matches)
    if (visible !== null) options.onEvent({ ...visible, previous: event.previous })
  }
  const initial = options.sendInitialEvents === true ? core.list(type, options) : []
  // Later events wait until the initial ones were delivered: both come from microtasks, in this order.
  queueMicrotask(() => {
    for (const object of initial) if (!stopped) options.onEvent({ type: 'ADDED', object })
  })
  const unsubscribe = core.store.subscribe(type, deliver)
  return () => {
    stopped = true
    unsubscribe()
  }
}

function createRecorder(core: ApiCore): EventRecorder {
  const strategy = core.strategyOf(Events)
  const context: WriteContext = { fieldManager: 'events', dryRun: false, fieldValidation: 'Ignore', warnings: [] }
  return new EventRecorder(
    {
      create: (namespace, event) => core.create(strategy, namespace, event, context),
      patch: (namespace, name, body) => {
        if (core.find(Events, { namespace, name }) === null) return null
        return core.patch(strategy, { namespace, name }, { type: 'merge', body }, context)
      },
    },
    () => Date.now(),
  )
}
