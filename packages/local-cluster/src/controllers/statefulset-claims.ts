import type { Json, KubernetesObject, OwnerReference } from '../types/objects.ts'
import type { Pod } from '../types/pod.ts'
import { PersistentVolumeClaims } from '../types/resources.ts'
import { controllerRef } from '../types/selectors.ts'
import type { ControllerContext } from './kind-controller.ts'
import { claimNameOf, claimTemplates, isWanted } from './statefulset-pods.ts'
import type { PersistentVolumeClaim } from './storage-objects.ts'
import type { StatefulSet } from './workload-objects.ts'

const COMPONENT = 'statefulset-controller'

function claimsOf({ api }: ControllerContext, set: StatefulSet, podName: string) {
  const namespace = set.metadata.namespace ?? ''
  return Promise.all(
    claimTemplates(set).map(async (template) => {
      const name = claimNameOf(template.metadata.name, podName)
      return {
        template,
        name,
        found: await api.get<PersistentVolumeClaim>(PersistentVolumeClaims, { namespace, name }),
      }
    }),
  )
}

/** Creates the claims of a pod that are not there. @throws what the API says of a claim it refuses. */
export async function createClaims(context: ControllerContext, set: StatefulSet, podName: string): Promise<void> {
  for (const { template, name, found } of await claimsOf(context, set, podName)) {
    if (found !== null) continue
    const record = (type: 'Normal' | 'Warning', reason: string, message: string) =>
      context.api.recordEvent({ about: set, type, reason, message, component: COMPONENT })
    const about = `Create Claim ${name} Pod ${podName} in StatefulSet ${set.metadata.name}`
    try {
      await context.api.create<PersistentVolumeClaim>({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name,
          namespace: set.metadata.namespace ?? '',
          labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
          annotations: { ...template.metadata.annotations },
        },
        ...{ spec: structuredClone(template.spec) },
      })
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      await record('Warning', 'FailedCreate', `${about} failed error: ${why}`)
      throw error
    }
    await record('Normal', 'SuccessfulCreate', `${about} success`)
  }
}

/** True while a claim of the pod is on its way out: the pod has to wait for its successor. */
export async function hasStaleClaim(context: ControllerContext, set: StatefulSet, podName: string): Promise<boolean> {
  const claims = await claimsOf(context, set, podName)
  return claims.some(({ found }) => found !== null && found.metadata.deletionTimestamp !== undefined)
}

/**
 * Makes the claims of a pod go with the set, with the pod, or with neither, as the set's retention policy says.
 * Reference: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
 */
export async function retainClaims(context: ControllerContext, set: StatefulSet, pod: Pod): Promise<void> {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {}
  const scaledDown = !isWanted(set, pod)
  const owner: KubernetesObject | null =
    whenScaled === 'Delete' && scaledDown
      ? pod
      : whenDeleted === 'Delete' && !(whenScaled === 'Delete' && scaledDown)
        ? set
        : null
  for (const { found, name } of await claimsOf(context, set, pod.metadata.name)) {
    if (found === null) continue
    const present = found.metadata.ownerReferences ?? []
    const others = present.filter((each) => each.uid !== set.metadata.uid && !isPodRef(each, pod))
    // Another controller's claim is left alone.
    if (others.some((each) => each.controller === true)) continue
    const wanted = owner === null ? others : [...others, controllerRef(owner)]
    if (sameOwners(present, wanted)) continue
    const body: Json = { metadata: { uid: found.metadata.uid, ownerReferences: wanted.map((each) => ({ ...each })) } }
    const key = { namespace: set.metadata.namespace ?? '', name }
    await context.api.patch(PersistentVolumeClaims, key, { type: 'merge', body })
  }
}

const isPodRef = (reference: OwnerReference, pod: Pod) =>
  reference.kind === 'Pod' && reference.name === pod.metadata.name

function sameOwners(a: readonly OwnerReference[], b: readonly OwnerReference[]): boolean {
  return a.length === b.length && a.every((each) => b.some((other) => other.uid === each.uid))
}
