import type { Pod } from '../../types/pod.ts'
import { ConfigMaps, Secrets } from '../../types/resources.ts'
import { type NodeContext, recordEvent } from '../context.ts'
import { MountErrors } from '../volumes/payload.ts'
import { provideVolumes } from '../volumes/provide.ts'
import type { PodRecord } from './state.ts'

/** Pauses between tries at a volume that cannot be had, as the kubelet's. */
const RETRY = { baseMs: 500, maxMs: 122_000 }

/** True when the pod's volumes are there. Otherwise says why not in a FailedMount event, and looks again later. */
export async function ensureVolumes(context: NodeContext, pod: Pod, record: PodRecord): Promise<boolean> {
  if (record.volumes !== null || context.simulation !== null) return true
  const first = record.volumeSources.size === 0
  try {
    await provideVolumes(context, pod, record)
    record.volumeFailures = 0
    if (first && context.sandbox === null && context.runtime === null) await sayNotMounted(context, pod, record)
    return true
  } catch (error) {
    if (!(error instanceof MountErrors)) throw error
    for (const message of error.errors) {
      await recordEvent(context, pod, null, { type: 'Warning', reason: 'FailedMount', message })
    }
    const delayMs = Math.min(RETRY.baseMs * 2 ** Math.min(record.volumeFailures, 10), RETRY.maxMs)
    record.volumeFailures += 1
    context.enqueue(record.uid, delayMs)
    return false
  }
}

/** Without a view of the file system of their own, containers cannot see volumes in their places. */
async function sayNotMounted(context: NodeContext, pod: Pod, record: PodRecord): Promise<void> {
  const own = (pod.spec.volumes ?? []).filter((volume) => !volume.name.startsWith('kube-api-access-'))
  if (own.length === 0) return
  const places = own.map((volume) => `${volumeVariable(volume.name)}=${record.volumes?.get(volume.name)?.path ?? ''}`)
  const message =
    'This machine does not allow mount namespaces, so volumes are not at their mountPath. ' +
    `The container finds them by its environment: ${places.join(', ')}`
  await recordEvent(context, pod, null, { type: 'Warning', reason: 'VolumesNotMounted', message })
}

/** Name of the variable that says where a volume is. */
const volumeVariable = (name: string) => `SLIPWAY_VOLUME_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`

/** Variables that say where the pod's volumes are; none where they are in their places. */
export function volumeVariables(context: NodeContext, record: PodRecord): Record<string, string> {
  if (context.sandbox !== null || context.runtime !== null) return {}
  return Object.fromEntries([...(record.volumes ?? [])].map(([name, { path }]) => [volumeVariable(name), path]))
}

/** Pods look at their volumes again when an object changes that they are made of. Returns the function that ends it. */
export function watchVolumeSources(context: NodeContext): () => void {
  const stops = [ConfigMaps, Secrets].map((type) =>
    context.api.watch(type, {
      onEvent: ({ object }) => {
        const source = `${type.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`
        for (const record of context.pods.values()) {
          if (!record.volumeSources.has(source)) continue
          record.volumes = null
          context.enqueue(record.uid)
        }
      },
    }),
  )
  return () => {
    for (const stop of stops) stop()
  }
}
