import type { KubernetesObject } from '../api/objects.ts'
import { Deployments, ReplicaSets, type ResourceType, StatefulSets } from '../api/resources.ts'
import type { ControllerContext } from './kind-controller.ts'
import type { Pod } from './objects.ts'
import { controllerOf } from './selectors.ts'

interface Scaled extends KubernetesObject {
  spec: { replicas?: number }
}

const scaledKinds: Readonly<Record<string, ResourceType>> = { ReplicaSet: ReplicaSets, StatefulSet: StatefulSets }

/**
 * How many pods those who control these want, each counted once: what a budget in percent, or one of `maxUnavailable`, is a
 * share of. Pods that nobody scales count for nothing. Reference: getExpectedScale of pkg/controller/disruption.
 */
export async function expectedScale(context: ControllerContext, pods: readonly Pod[]): Promise<number> {
  const wanted = new Map<string, number>()
  const seen = new Set<string>()
  for (const pod of pods) {
    const owner = controllerOf(pod)
    if (owner === undefined || seen.has(owner.uid)) continue
    seen.add(owner.uid)
    const set = await scaledBy(context, pod, owner)
    if (set === null) continue
    const above = controllerOf(set)
    const top = above?.kind === 'Deployment' ? await scaledBy(context, set, above) : null
    const { metadata, spec } = top ?? set
    wanted.set(metadata.uid ?? '', spec.replicas ?? 1)
  }
  return [...wanted.values()].reduce((sum, replicas) => sum + replicas, 0)
}

async function scaledBy(
  { api }: ControllerContext,
  owned: KubernetesObject,
  owner: { kind: string; name: string; uid: string },
): Promise<Scaled | null> {
  const type = owner.kind === 'Deployment' ? Deployments : scaledKinds[owner.kind]
  if (type === undefined) return null
  const found = await api.get<Scaled>(type, { namespace: owned.metadata.namespace ?? '', name: owner.name })
  return found?.metadata.uid === owner.uid ? found : null
}
