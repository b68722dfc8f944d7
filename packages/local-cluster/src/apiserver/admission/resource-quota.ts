import type { ObjectStore } from '../../store/store.ts'
import { forbidden } from '../../types/errors.ts'
import { childObject, objectList, optionalObject, stringMap, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { podUsage } from '../../types/pod-resources.ts'
import { formatQuantity, quantityOf } from '../../types/quantity.ts'
import { ResourceQuotas } from '../../types/resources.ts'
import type { AdmissionPlugin } from './admission.ts'
import { ledgerOf, takesTheSame } from './quota-ledger.ts'
import { quotaCounts, usageOf } from './quota-usage.ts'

/**
 * Refuses what a ResourceQuota has no room for. Usage is counted from the objects themselves, so it can neither lag nor leak.
 * Reference: https://kubernetes.io/docs/concepts/policy/resource-quotas/
 */
export function resourceQuota(store: ObjectStore): AdmissionPlugin {
  const ledger = ledgerOf(store)
  return {
    name: 'ResourceQuota',
    validate({ operation, type, namespace, name, object, old }) {
      if (namespace === undefined || type.kind === 'ResourceQuota') return
      if (store.count(ResourceQuotas, namespace) === 0 || (old !== undefined && takesTheSame(old, object))) return
      const wanted = usageOf(type, object)
      const before = operation === 'UPDATE' && old !== undefined ? usageOf(type, old) : {}
      if (Object.keys(wanted).length === 0) return
      for (const quota of store.list(ResourceQuotas, namespace)) {
        const json = quota as unknown as JsonObject
        const hard = stringMap(optionalObject(json, 'spec'), 'hard')
        if (!quotaCounts(json, type, object)) continue
        const missing = type.kind === 'Pod' && operation === 'CREATE' ? unspecified(hard, object) : ''
        if (missing !== '') throw forbidden(type, name, `failed quota: ${quota.metadata.name}: must specify ${missing}`)
        const delta = increase(wanted, before)
        const used = ledger.usage(quota)
        const over = Object.keys(delta)
          .filter((key) => hard[key] !== undefined && exceeds(used[key], delta[key], hard[key]))
          .sort()
        if (over.length === 0) continue
        const list = (values: Record<string, string>) => over.map((key) => `${key}=${values[key] ?? '0'}`).join(',')
        const numbers = `requested: ${list(delta)}, used: ${list(used)}, limited: ${list(hard)}`
        throw forbidden(type, name, `exceeded quota: ${quota.metadata.name}, ${numbers}`)
      }
    },
  }
}

function exceeds(used: string | undefined, delta: string | undefined, hard: string): boolean {
  return quantityOf(used).nano + quantityOf(delta).nano > quantityOf(hard).nano
}

/** What an update adds; what it gives back needs no room. */
function increase(wanted: Record<string, string>, before: Record<string, string>): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [key, value] of Object.entries(wanted)) {
    const quantity = quantityOf(value)
    const more = quantity.nano - quantityOf(before[key]).nano
    if (more > 0n) out[key] = formatQuantity({ nano: more, format: quantity.format })
  }
  return out
}

const computeNames = /^(requests\.|limits\.)?(cpu|memory|ephemeral-storage)$/

/** `limits.memory for: c; requests.cpu for: c`: containers that do not say what a quota counts. */
function unspecified(hard: Record<string, string>, pod: JsonObject): string {
  const spec = childObject(pod, 'spec')
  const containers = [...objectList(spec, 'containers'), ...objectList(spec, 'initContainers')]
  const missing = Object.keys(hard)
    .filter((name) => computeNames.test(name))
    .sort()
    .flatMap((name) => {
      const silent = containers.filter((container) => {
        const usage = podUsage({ spec: { containers: [container] } })
        return usage[name] === undefined
      })
      const names = silent.map((container) => stringOf(container, 'name'))
      return names.length === 0 ? [] : [`${name} for: ${names.join(',')}`]
    })
  return missing.join('; ')
}
