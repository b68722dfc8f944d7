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
} from './client.ts'
import type { ApiCore } from './core/core.ts'
import { bindPod } from './core/pod-subresources.ts'
import type { WriteContext } from './core/request.ts'
import { patchScale } from './core/scale.ts'
import { selectionPredicate } from './core/select.ts'
import { visibleEvent } from './core/watch.ts'
import { EventRecorder } from './events/recorder.ts'
import type { Json, KubernetesObject, KubernetesObjectInput } from './objects.ts'
import { Events, type ResourceType } from './resources.ts'

/** The API in process, writing as `fieldManager` unless a call says otherwise. */
export function createLocalApi(core: ApiCore, fieldManager: string): LocalApi {
  const context = (options: WriteOptions | undefined): WriteContext => ({
    fieldManager: options?.fieldManager ?? fieldManager,
    dryRun: options?.dryRun === true,
    fieldValidation: 'Strict',
    warnings: [],
  })
  const recorder = createRecorder(core)
  const api: LocalApi = {
    get: async <T extends KubernetesObject>(type: ResourceType, key: ObjectKey) =>
      typed<T | null>(core.find(type, key)),
    list: async <T extends KubernetesObject>(type: ResourceType, options?: ListOptions): Promise<ListResult<T>> => ({
      items: typed<T[]>(core.list(type, options ?? {})),
      resourceVersion: String(core.store.revision),
    }),
    watch: (type, options) => watchObjects(core, type, options),
    create: async <T extends KubernetesObject>(object: KubernetesObjectInput, options?: WriteOptions) =>
      typed<T>(core.create(core.strategyOf(object), object.metadata.namespace, wire(object), context(options))),
    update: async <T extends KubernetesObject>(object: KubernetesObjectInput, options?: WriteOptions) =>
      typed<T>(core.update(core.strategyOf(object), pathOf(object), wire(object), context(options))),
    updateStatus: async <T extends KubernetesObject>(object: KubernetesObjectInput, options?: WriteOptions) =>
      typed<T>(core.update(core.strategyOf(object), pathOf(object), wire(object), context(options), 'status')),
    patch: async <T extends KubernetesObject>(
      type: ResourceType,
      key: ObjectKey,
      patch: { type: PatchType; body: Json; subresource?: 'status' | 'scale' },
      options?: WriteOptions,
    ) => {
      const strategy = core.strategyOf(type)
      if (patch.subresource === 'scale') return typed<T>(patchScale(core, strategy, key, patch, context(options)))
      return typed<T>(core.patch(strategy, key, patch, context(options), patch.subresource))
    },
    apply: async <T extends KubernetesObject>(
      object: KubernetesObjectInput,
      options?: ApplyOptions & { subresource?: 'status' },
    ) => {
      const { force = false, subresource } = options ?? {}
      const strategy = core.strategyOf(object)
      return typed<T>(core.apply(strategy, pathOf(object), wire(object), context(options), { force, subresource }))
    },
    delete: async (type: ResourceType, key: ObjectKey, options?: DeleteOptions) => {
      core.delete(core.strategyOf(type), key, options ?? {})
    },
    bind: async (pod: ObjectKey, nodeName: string) => bindPod(core, pod, { nodeName }),
    recordEvent: async (event: EventToRecord) => recorder.record(event),
  }
  return api
}

/** Objects are JSON that was checked against the kind's schema; the caller names the kind's type. */
function typed<T>(value: unknown): T {
  return value as T
}

/** Without undefined keys, and no longer the caller's. */
function wire(object: KubernetesObjectInput): Json {
  return JSON.parse(JSON.stringify(object))
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
    if (visible !== null) options.onEvent(visible)
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
