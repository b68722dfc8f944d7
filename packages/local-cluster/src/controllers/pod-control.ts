import { giveWay } from '../types/give-way.ts'
import type { KubernetesObject, ObjectMeta } from '../types/objects.ts'
import type { Pod, PodSpec, PodTemplate } from '../types/pod.ts'
import { Pods } from '../types/resources.ts'
import { controllerRef } from '../types/selectors.ts'
import type { ControllerContext } from './kind-controller.ts'

/** What a controller puts on a pod besides its template. */
interface PodMarks {
  /** In place of a generated name. */
  name?: string
  generateName?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
  spec?: PodSpec
}

/** A pod of its owner, as it is sent to the API. */
export function podFrom(owner: KubernetesObject, template: PodTemplate, marks: PodMarks = {}) {
  const { name, generateName = `${owner.metadata.name}-` } = marks
  const metadata: Partial<ObjectMeta> = {
    ...(name === undefined ? {} : { name }),
    generateName,
    namespace: owner.metadata.namespace ?? '',
    labels: { ...template.metadata?.labels, ...marks.labels },
    annotations: { ...template.metadata?.annotations, ...marks.annotations },
    finalizers: [...(template.metadata?.finalizers ?? []), ...(marks.finalizers ?? [])],
    ownerReferences: [controllerRef(owner)],
  }
  if (Object.keys(metadata.annotations ?? {}).length === 0) delete metadata.annotations
  if (metadata.finalizers?.length === 0) delete metadata.finalizers
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: structuredClone(marks.spec ?? template.spec) }
}

/**
 * Creates a pod of its owner and records that, as RealPodControl does. Answers the message of a create that was refused.
 */
export async function createOwnedPod(
  { api }: ControllerContext,
  owner: KubernetesObject,
  template: PodTemplate,
  component: string,
  marks: PodMarks = {},
): Promise<string | null> {
  const record = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    api.recordEvent({ about: owner, type, reason, message, component })
  try {
    const pod = await api.create<Pod>(podFrom(owner, template, marks))
    await record('Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
    return null
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    await record('Warning', 'FailedCreate', `Error creating: ${message}`)
    return message
  }
}

/** Deletes a pod of its owner and records that. */
export async function deleteOwnedPod(
  { api }: ControllerContext,
  owner: KubernetesObject,
  pod: Pod,
  component: string,
): Promise<void> {
  await api.delete(Pods, { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name })
  const message = `Deleted pod: ${pod.metadata.name}`
  await api.recordEvent({ about: owner, type: 'Normal', reason: 'SuccessfulDelete', message, component })
}

/** Most creates under way at once. */
const MOST_AT_ONCE = 16

/**
 * Runs `create` up to `count` times: one, two, four… so that what is always refused is tried once, not a hundred times. Those of a
 * batch are made beside each other, a few at a time. Answers the first refusal.
 */
export async function slowStart(count: number, create: (index: number) => Promise<string | null>) {
  let begun = 0
  for (let batch = 1; begun < count; batch *= 2) {
    const end = Math.min(begun + batch, count)
    while (begun < end) {
      await giveWay()
      const some = Array.from({ length: Math.min(end - begun, MOST_AT_ONCE) }, (_, index) => create(begun + index))
      begun += some.length
      const results = await Promise.allSettled(some)
      for (const result of results) {
        if (result.status === 'rejected') throw result.reason
        if (result.value !== null) return result.value
      }
    }
  }
  return null
}
