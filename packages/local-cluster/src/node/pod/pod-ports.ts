import type { Pod } from '../../types/pod.ts'
import { mappedPorts, PORTS_ANNOTATION } from '../../types/pod-ports.ts'
import { Pods } from '../../types/resources.ts'
import type { NodeContext } from '../context.ts'
import { hasNodeNetwork, routeToPod } from './address.ts'
import { allContainers, isRunning, type PodRecord } from './state.ts'
import { undeclaredPorts } from './undeclared-ports.ts'

/**
 * A host port for each port that the pod is known to listen on, written to the pod's annotation before a container starts that listens
 * there. Ports of containers that do not run are chosen again when somebody else took them meanwhile.
 */
export async function ensurePorts(
  context: NodeContext,
  pod: Pod,
  record: PodRecord,
  /** Ports that only the image of a container that does not run yet names. */
  exposed: readonly number[] = [],
): Promise<Record<string, number>> {
  // Its ports are the machine's.
  if (hasNodeNetwork(pod)) return {}
  const latest = (await context.latestPod(pod)) ?? pod
  const present = mappedPorts(latest)
  // Those that no container declares stay until the pod goes.
  const ports: Record<string, number> = { ...present }
  context.ports.keep(record.uid, Object.values(present))
  for (const container of allContainers(pod)) {
    const running = isRunning(record.containers.get(container.name))
    for (const { containerPort } of container.ports ?? []) {
      const before = present[String(containerPort)] ?? ports[String(containerPort)]
      const keeps = before !== undefined && (running || (await context.ports.isFree(before)))
      ports[String(containerPort)] = keeps ? before : await context.ports.pick(record.uid)
    }
  }
  const anyRuns = [...record.containers.values()].some(isRunning)
  for (const port of [...exposed, ...(await undeclaredPorts(context, pod))]) {
    const before = ports[String(port)]
    const keeps = before !== undefined && (anyRuns || (await context.ports.isFree(before)))
    if (!keeps) ports[String(port)] = await context.ports.pick(record.uid)
  }
  if (Object.keys(ports).length > 0 && JSON.stringify(ports) !== JSON.stringify(present)) {
    const body = { metadata: { annotations: { [PORTS_ANNOTATION]: JSON.stringify(ports) } } }
    await context.api.patch(Pods, { namespace: record.namespace, name: record.name }, { type: 'merge', body })
  }
  routeToPod(context, record, ports)
  return ports
}
