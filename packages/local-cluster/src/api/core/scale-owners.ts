import { FieldSet } from '../apply/field-set.ts'
import { type Manager, type Managers, managerIdentity, readManagers } from '../apply/managers.ts'
import type { KubernetesObject } from '../objects.ts'

const scaleVersion = 'autoscaling/v1'
const replicas = ['f:spec', 'f:replicas']
const replicasSet = new FieldSet()
replicasSet.insert(replicas)

/** Who owns the replicas of a workload, as managers of its Scale. Reference: managedfields.ScaleHandler.ToSubresource. */
export function scaleOwners(workload: KubernetesObject): Managers {
  const out: Managers = new Map()
  for (const manager of readManagers(workload).values()) {
    if (manager.apiVersion !== workload.apiVersion || !manager.set.has(replicas)) continue
    const owner = { ...manager, apiVersion: scaleVersion, set: replicasSet }
    out.set(managerIdentity(owner), owner)
  }
  return out
}

/**
 * The workload's managers after its Scale was written: who owns the replicas no more loses them, who has them now is added,
 * as the real server does it without a time. Reference: managedfields.ScaleHandler.ToParent.
 */
export function workloadOwners(workload: KubernetesObject, scale: Managers): Manager[] {
  const left = new Map(scale)
  const known = readManagers(workload)
  const out: Manager[] = []
  for (const [id, manager] of known) {
    if (manager.apiVersion !== workload.apiVersion) continue
    if (!manager.set.has(replicas) || left.delete(id)) {
      out.push(manager)
      continue
    }
    const set = manager.set.difference(replicasSet)
    if (!set.empty) out.push({ ...manager, set })
  }
  for (const [id, { time: _, ...manager }] of left) {
    if (!manager.set.has(replicas)) continue
    const time = known.get(id)?.time
    out.push({ ...manager, apiVersion: workload.apiVersion, set: replicasSet, ...(time === undefined ? {} : { time }) })
  }
  return out
}
