import { isDeepStrictEqual } from 'node:util'
import { optionalObject, stringMap } from '../../types/json.ts'
import type { KubernetesObject } from '../../types/objects.ts'
import { ResourceQuotas } from '../../types/resources.ts'
import { ledgerOf, type QuotaLedger } from '../admission/quota-ledger.ts'
import type { ApiCore } from '../core/core.ts'
import { asJson } from '../core/decode-body.ts'
import type { Housekeeping } from './context.ts'
import { createKeyQueue } from './key-queue.ts'

/** Keeps `status.hard` and `status.used` of every ResourceQuota true. */
export function startQuotaStatus(core: ApiCore, onError: (error: unknown, what: string) => void): Housekeeping {
  const { store } = core
  const ledger = ledgerOf(store)
  const queue = createKeyQueue(
    (namespace) => {
      for (const quota of store.list(ResourceQuotas, namespace)) writeStatus(core, ledger, quota)
    },
    (error, namespace) => onError(error, `quota status of namespace ${namespace}`),
  )
  for (const quota of store.list(ResourceQuotas)) queue.add(quota.metadata.namespace ?? '')
  const stops = [
    ledger.onChange((namespace) => queue.add(namespace)),
    store.subscribe(ResourceQuotas, ({ object }) => queue.add(object.metadata.namespace ?? '')),
  ]
  return {
    stop() {
      queue.stop()
      for (const stop of stops) stop()
    },
  }
}

function writeStatus(core: ApiCore, ledger: QuotaLedger, quota: KubernetesObject): void {
  const json = asJson(quota)
  const hard = stringMap(optionalObject(json, 'spec'), 'hard')
  const status = { hard, used: ledger.usage(quota) }
  if (isDeepStrictEqual(optionalObject(json, 'status'), status)) return
  core.storeUnchecked(ResourceQuotas, { ...json, status } as unknown as KubernetesObject)
}
