import type { Pod } from '../../types/pod.ts'
import { Services } from '../../types/resources.ts'
import { selects } from '../../types/selectors.ts'
import type { Service } from '../../types/service.ts'
import type { NodeContext } from '../context.ts'
import { allContainers } from './state.ts'

/**
 * Ports that the pod is asked at, though no container declares them, which is optional on Kubernetes: those of its probes and
 * hooks, and those that its Services lead to. Only a pod with an address of its own can have them mapped without its knowing.
 */
export async function undeclaredPorts({ api, network }: NodeContext, pod: Pod): Promise<number[]> {
  if (network === null) return []
  const ports = new Set<number>()
  for (const container of allContainers(pod)) {
    const { startupProbe, readinessProbe, livenessProbe, lifecycle } = container
    for (const handler of [startupProbe, readinessProbe, livenessProbe, lifecycle?.postStart, lifecycle?.preStop]) {
      for (const port of [handler?.httpGet?.port, handler?.tcpSocket?.port]) {
        if (typeof port === 'number') ports.add(port)
      }
    }
  }
  const { items } = await api.list<Service>(Services, { namespace: pod.metadata.namespace ?? '' })
  for (const { spec } of items) {
    if (spec.selector === undefined || !selects({ matchLabels: spec.selector }, pod.metadata.labels)) continue
    for (const { port, targetPort = port, protocol = 'TCP' } of spec.ports ?? []) {
      if (typeof targetPort === 'number' && protocol === 'TCP') ports.add(targetPort)
    }
  }
  const declared = allContainers(pod).flatMap((container) => container.ports ?? [])
  return [...ports].filter((port) => !declared.some(({ containerPort }) => containerPort === port))
}
