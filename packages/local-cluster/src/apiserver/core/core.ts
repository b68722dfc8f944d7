import type { ObjectStore } from '../../store/store.ts'
import type { DeleteOptions, PatchType } from '../../types/client.ts'
import { ApiError, badRequest, notFound } from '../../types/errors.ts'
import type { Json, KubernetesObject } from '../../types/objects.ts'
import { Namespaces, type ResourceType } from '../../types/resources.ts'
import { timestamp } from '../../types/times.ts'
import type { AdmissionPlugin } from '../admission/admission.ts'
import { findStrategy, kindStrategies } from '../kinds/index.ts'
import { type ApplyRequestOptions, applyObject } from './apply.ts'
import { ClusterIps } from './cluster-ips.ts'
import { createObject } from './create.ts'
import { asJson } from './decode-body.ts'
import { type DeleteResult, deleteObject } from './delete.ts'
import type { CoreEnvironment } from './environment.ts'
import { NodePorts, type PortRange } from './node-ports.ts'
import { patchObject } from './patch.ts'
import type { ObjectPath, WriteContext } from './request.ts'
import { type Selection, select } from './select.ts'
import type { KindStrategy } from './strategy.ts'
import { updateObject } from './update.ts'

/**
 * The API server without its transport. Every method is synchronous and complete: defaults, admission, validation,
 * ownership, and the write, which is durable when the store's `committed` resolves. Refusals are thrown as ApiError.
 */
export class ApiCore {
  readonly store: ObjectStore
  readonly #environment: CoreEnvironment

  constructor(store: ObjectStore, admission: AdmissionPlugin[], options: { nodePorts?: PortRange | undefined } = {}) {
    this.store = store
    this.#environment = {
      store,
      admission,
      now: () => timestamp(Date.now()),
      clusterIps: new ClusterIps(store),
      nodePorts: new NodePorts(store, options.nodePorts),
      strategyOf: (type) => this.strategyOf(type),
    }
  }

  get kinds(): readonly KindStrategy[] {
    return kindStrategies
  }

  /** @throws ApiError 404 for a kind that is not served. */
  strategyOf(type: { apiVersion: string; kind: string }): KindStrategy {
    const strategy = findStrategy(type)
    if (strategy === undefined) {
      throw new ApiError(404, 'NotFound', `no kind "${type.kind}" is served in version "${type.apiVersion}"`)
    }
    return strategy
  }

  get(type: ResourceType, path: ObjectPath): KubernetesObject {
    const found = this.store.get(type, path.namespace, path.name)
    if (found === undefined) throw notFound(type, path.name)
    return found
  }

  find(type: ResourceType, path: ObjectPath): KubernetesObject | null {
    return this.store.get(type, path.namespace, path.name) ?? null
  }

  list(type: ResourceType, selection: Selection): KubernetesObject[] {
    const { matches, candidates } = select(this.strategyOf(type), selection)
    return this.store.list(type, selection.namespace, candidates).filter(matches)
  }

  create(strategy: KindStrategy, namespace: string | undefined, body: Json, context: WriteContext): KubernetesObject {
    return createObject(this.#environment, strategy, namespace, body, context)
  }

  update(
    strategy: KindStrategy,
    path: ObjectPath,
    body: Json,
    context: WriteContext,
    subresource?: string,
  ): KubernetesObject {
    refuseWithoutStatus(strategy, subresource)
    return updateObject(this.#environment, strategy, path, body, context, subresource)
  }

  patch(
    strategy: KindStrategy,
    path: ObjectPath,
    patch: { type: PatchType; body: Json },
    context: WriteContext,
    subresource?: string,
  ): KubernetesObject {
    refuseWithoutStatus(strategy, subresource)
    return patchObject(this.#environment, strategy, path, patch, context, subresource)
  }

  apply(
    strategy: KindStrategy,
    path: ObjectPath,
    body: Json,
    context: WriteContext,
    options: ApplyRequestOptions,
  ): KubernetesObject {
    refuseWithoutStatus(strategy, options.subresource)
    return applyObject(this.#environment, strategy, path, body, context, options)
  }

  delete(strategy: KindStrategy, path: ObjectPath, options: DeleteOptions): DeleteResult {
    return deleteObject(this.#environment, strategy, path, options)
  }

  /** Replaces a namespace's `spec.finalizers`; without any left, and being deleted, it goes. */
  finalizeNamespace(name: string, finalizers: string[]): KubernetesObject {
    const strategy = this.strategyOf(Namespaces)
    const namespace = this.get(strategy.type, { name })
    const { spec: _, ...rest } = asJson(namespace)
    const object = { ...rest, spec: finalizers.length === 0 ? {} : { finalizers } } as unknown as KubernetesObject
    const { deletionTimestamp, finalizers: others = [] } = object.metadata
    if (deletionTimestamp === undefined || finalizers.length > 0 || others.length > 0) {
      return this.store.put(strategy.type, object)
    }
    return this.store.remove(strategy.type, namespace)
  }

  /**
   * Stores an object as it is, past admission and validation: for the API server's own bookkeeping (finalizers,
   * namespaces, quota status, bindings), never for what came from outside.
   */
  storeUnchecked(type: ResourceType, object: KubernetesObject): KubernetesObject {
    return this.store.put(type, object)
  }
}

function refuseWithoutStatus(strategy: KindStrategy, subresource: string | undefined): void {
  if (subresource === 'status' && strategy.hasStatus !== true) {
    throw badRequest(`${strategy.type.plural} have no status of their own to write`)
  }
}
