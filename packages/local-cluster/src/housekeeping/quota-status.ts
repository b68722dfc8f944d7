import { isDeepStrictEqual } from 'node:util'
import { countedTypes, quotaUsage } from '../admission/quota-usage.ts'
import type { ApiCore } from '../api/core/core.ts'
import { asJson } from '../api/core/decode-body.ts'
import { optionalObject, stringMap } from '../api/kinds/json.ts'
import type { KubernetesObject } from '../api/objects.ts'
import { allResourceTypes, ResourceQuotas } from '../api/resources.ts'
import type { Housekeeping } from './context.ts'
import { createKeyQueue } from './key-queue.ts'

/** Keeps `status.hard` and `status.used` of every ResourceQuota true. */
export function startQuotaStatus(core: ApiCore, onError: (error: unknown, what: string) => void): Housekeeping {
  const { store } = core
  const queue = createKeyQueue(
    (namespace) => {
      for (const quota of store.list(ResourceQuotas, namespace)) writeStatus(core, quota)
    },
    (error, namespace) => onError(error, `quota status of namespace ${namespace}`),
  )
  for (const quota of store.list(ResourceQuotas)) queue.add(quota.metadata.namespace ?? '')
  const stops = allResourceTypes
    .filter((type) => type.namespaced)
    .map((type) =>
      store.subscribe(type, ({ object }) => {
        const namespace = object.metadata.namespace ?? ''
        if (store.count(ResourceQuotas, namespace) === 0) return
        const relevant =
          type === ResourceQuotas || store.list(ResourceQuotas, namespace).some((quota) => counts(quota, type))
        if (relevant) queue.add(namespace)
      }),
    )
  return {
    stop() {
      queue.stop()
      for (const stop of stops) stop()
    },
  }
}

function counts(quota: KubernetesObject, type: (typeof allResourceTypes)[number]): boolean {
  return countedTypes(Object.keys(stringMap(optionalObject(asJson(quota), 'spec'), 'hard'))).includes(type)
}

function writeStatus(core: ApiCore, quota: KubernetesObject): void {
  const json = asJson(quota)
  const hard = stringMap(optionalObject(json, 'spec'), 'hard')
  const used = quotaUsage(core.store, json, quota.metadata.namespace ?? '')
  const status = { hard, used }
  if (isDeepStrictEqual(optionalObject(json, 'status'), status)) return
  core.storeUnchecked(ResourceQuotas, { ...json, status } as unknown as KubernetesObject)
}
