import type { KubernetesObject } from '../types/objects.ts'
import { Nodes } from '../types/resources.ts'
import type { NodeContext } from './context.ts'

/** Something that a real node has and this machine does not allow. */
export interface Missing {
  /** Key of the node's annotation, and the event's reason. */
  reason: 'LimitsNotEnforced' | 'VolumesNotMounted'
  message: string
}

const ANNOTATION = 'local.slipway.dev/not-enforced'
/**
 * What separates containers. `runtime`: an OCI runtime. `user`: a user of their own without rights. `view`: the cluster's state is
 * hidden from them, as the user of the cluster. `none`: nothing.
 */
const ISOLATION = 'local.slipway.dev/isolation'

export const missingSandbox = (why: string): Missing => ({
  reason: 'VolumesNotMounted',
  message: `Containers see the file system of the machine, and volumes are not at their mountPath: ${why}`,
})

export const missingCgroups = (why: string): Missing => ({
  reason: 'LimitsNotEnforced',
  message: `Limits of CPU are not enforced, and memory is measured every two seconds instead of by the kernel: ${why}`,
})

/** Says once, in an annotation of the Node and in events, what it cannot do. */
export async function recordMissing(context: NodeContext, missing: readonly Missing[]): Promise<void> {
  await recordIsolation(context)
  const node = await context.api.get<KubernetesObject>(Nodes, { name: context.nodeName })
  if (node === null) return
  const text = missing.map(({ message }) => message).join(' ')
  if ((node.metadata.annotations?.[ANNOTATION] ?? '') === text) return
  const body = { metadata: { annotations: { [ANNOTATION]: text === '' ? null : text } } }
  await context.api.patch(Nodes, { name: context.nodeName }, { type: 'merge', body })
  for (const { reason, message } of missing) {
    try {
      await context.api.recordEvent({
        about: node,
        type: 'Warning',
        reason,
        message,
        component: 'kubelet',
        host: context.nodeName,
      })
    } catch (error) {
      context.counters.eventsLost += 1
      context.log.info('event could not be recorded', { reason, error: String(error) })
    }
  }
}

async function recordIsolation(context: NodeContext): Promise<void> {
  if (context.simulation !== null) return
  const isolation =
    context.runtime !== null
      ? 'runtime'
      : context.sandbox === null
        ? 'none'
        : context.sandbox.ownUsers
          ? 'user'
          : 'view'
  const body = { metadata: { annotations: { [ISOLATION]: isolation } } }
  await context.api.patch(Nodes, { name: context.nodeName }, { type: 'merge', body })
}
