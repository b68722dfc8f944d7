import type { JsonObject } from '../../types/objects.ts'
import { ConfigMaps, Namespaces, ServiceAccounts } from '../../types/resources.ts'
import type { ApiCore } from '../core/core.ts'
import { type Housekeeping, systemContext } from './context.ts'

/**
 * Every namespace has a service account `default` and the ConfigMap `kube-root-ca.crt` (empty here: the API of the local
 * cluster has no certificate). They are there before the request that made the namespace is answered.
 */
export function startServiceAccounts(core: ApiCore, onError: (error: unknown, what: string) => void): Housekeeping {
  const provide = (namespace: string) => {
    try {
      giveDefaults(core, namespace)
    } catch (error) {
      onError(error, `service account of namespace ${namespace}`)
    }
  }
  for (const namespace of core.store.list(Namespaces)) {
    if (namespace.metadata.deletionTimestamp === undefined) provide(namespace.metadata.name)
  }
  const stops = [
    core.store.subscribe(Namespaces, ({ type, object }) => {
      if (type !== 'DELETED' && object.metadata.deletionTimestamp === undefined) provide(object.metadata.name)
    }),
    core.store.subscribe(ServiceAccounts, ({ type, object }) => {
      const { namespace = '', name } = object.metadata
      const home = core.find(Namespaces, { name: namespace })
      if (type === 'DELETED' && name === 'default' && home !== null && home.metadata.deletionTimestamp === undefined) {
        provide(namespace)
      }
    }),
  ]
  return {
    stop() {
      for (const stop of stops) stop()
    },
  }
}

function giveDefaults(core: ApiCore, namespace: string): void {
  const context = systemContext('kube-controller-manager')
  if (core.find(ServiceAccounts, { namespace, name: 'default' }) === null) {
    const account: JsonObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }
    core.create(core.strategyOf(ServiceAccounts), namespace, account, context)
  }
  if (core.find(ConfigMaps, { namespace, name: 'kube-root-ca.crt' }) === null) {
    const description =
      'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'
    const map: JsonObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kube-root-ca.crt', annotations: { 'kubernetes.io/description': description } },
      data: { 'ca.crt': '' },
    }
    core.create(core.strategyOf(ConfigMaps), namespace, map, context)
  }
}
