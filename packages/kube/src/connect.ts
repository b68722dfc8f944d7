import type { Cluster, ListOptions } from './cluster.ts'
import { loadCredentials } from './credentials.ts'
import { isNotFound } from './errors.ts'
import { openRemoteCommand } from './exec.ts'
import { createInformer } from './informer.ts'
import { kindOf, type ResourceType } from './kinds.ts'
import { followLog, readLog } from './logs.ts'
import { type KubeObject, type ObjectRef, pathOf } from './objects.ts'
import type { ServerCredentials } from './server-credentials.ts'
import { createTransport, type Transport } from './transport.ts'

/** Owner of the fields that Slipway applies. */
const FIELD_MANAGER = 'slipway'

/**
 * Connects to a cluster.
 * @param options.kubeconfigPath null or absent: in-cluster credentials, or the client's default places
 * @param options.config credentials known already
 */
export async function connectCluster(options: {
  kubeconfigPath?: string | null
  config?: ServerCredentials
}): Promise<Cluster> {
  const credentials = options.config ?? (await loadCredentials(options.kubeconfigPath ?? null))
  return clusterOver(createTransport(credentials))
}

const PAGE_SIZE = 500

async function listAll<T extends KubeObject>(transport: Transport, type: ResourceType, options: ListOptions) {
  const items: T[] = []
  let next: string | undefined
  let resourceVersion = ''
  do {
    const page: { metadata: { resourceVersion?: string; continue?: string }; items: T[] } = await transport.json(
      'GET',
      pathOf(type, options.namespace),
      {
        query: {
          labelSelector: options.labelSelector,
          fieldSelector: options.fieldSelector,
          limit: PAGE_SIZE,
          continue: next,
        },
      },
    )
    for (const item of page.items) items.push({ ...item, apiVersion: type.apiVersion, kind: type.kind })
    next = page.metadata.continue || undefined
    resourceVersion = page.metadata.resourceVersion ?? ''
  } while (next !== undefined)
  return { items, resourceVersion }
}

function clusterOver(transport: Transport): Cluster {
  const pathTo = (ref: ObjectRef) => pathOf(kindOf(ref), ref.namespace, ref.name)
  const remove: Cluster['delete'] = async (ref, options = {}) => {
    try {
      await transport.json('DELETE', pathTo(ref), {
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: options.propagation ?? 'Background',
          gracePeriodSeconds: options.gracePeriodSeconds,
        },
      })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  return {
    async get<T extends KubeObject>(ref: ObjectRef) {
      try {
        return await transport.json<T>('GET', pathTo(ref))
      } catch (error) {
        if (isNotFound(error)) return null
        throw error
      }
    },
    list: (type, options = {}) => listAll(transport, type, options),
    apply: (object, options = {}) =>
      transport.json('PATCH', pathOf(kindOf(object), object.metadata.namespace, object.metadata.name), {
        query: {
          fieldManager: FIELD_MANAGER,
          force: options.force ?? true,
          dryRun: options.dryRun ? 'All' : undefined,
        },
        body: object,
        contentType: 'application/apply-patch+yaml',
      }),
    delete: remove,
    async prune({ namespace, labelSelector, types, keep }) {
      const deleted: KubeObject[] = []
      for (const type of types) {
        const { items } = await listAll<KubeObject>(transport, type, { namespace, labelSelector })
        for (const object of items) {
          if (keep(object) || object.metadata.deletionTimestamp !== undefined) continue
          await remove({ apiVersion: type.apiVersion, kind: type.kind, namespace, name: object.metadata.name })
          deleted.push(object)
        }
      }
      return deleted
    },
    informer: (type, options) => createInformer(transport, type, options),
    readLog: (pod, options) => readLog(transport, pod, options),
    followLog: (pod, options) => followLog(transport, pod, options),
    exec: (pod, command, options) => openRemoteCommand(transport, pod, { subresource: 'exec', command }, options),
    attach: (pod, options) => openRemoteCommand(transport, pod, { subresource: 'attach' }, options),
    version: ({ signal } = {}) => transport.json('GET', '/version', { signal }),
    close: () => transport.close(),
  }
}
