import { type Measured, type NodeView, parseCpuMillis, parseMemoryMiB, type Resources } from '@slipway/domain'
import type { Node, NodeCondition } from 'kubernetes-types/core/v1.d.ts'

export type Quantities = { cpu?: string; memory?: string }

/** Quantities as numbers, and so many instances. What is absent or cannot be read counts as none. */
export const amountOf = (quantities: Quantities | undefined, instances: number): Resources => ({
  cpuMillis: parseCpuMillis(quantities?.cpu ?? '0') ?? 0,
  memoryMiB: parseMemoryMiB(quantities?.memory ?? '0') ?? 0,
  instances,
})

/** What a node has for pods. */
export function allocatableOf({ status }: Node): Resources {
  const allocatable = status?.allocatable as (Quantities & { pods?: string }) | undefined
  return amountOf(allocatable, Number(allocatable?.pods ?? 0))
}

const conditionOf = ({ status }: Node, type: string): NodeCondition | undefined =>
  status?.conditions?.find((each) => each.type === type)

/** True for nodes that new pods may be scheduled to. */
export function isSchedulable(node: Node): boolean {
  return node.spec?.unschedulable !== true && conditionOf(node, 'Ready')?.status === 'True'
}

function stateOf(node: Node): NodeView['state'] {
  const ready = conditionOf(node, 'Ready')?.status
  if (ready === 'Unknown' || ready === undefined) return 'lost'
  if (ready !== 'True') return 'not_ready'
  return node.spec?.unschedulable === true ? 'cordoned' : 'ready'
}

const PRESSURES: Readonly<Record<string, string>> = {
  MemoryPressure: 'It is low on memory: pods are being evicted.',
  DiskPressure: 'It is low on disk: pods are being evicted, and images cannot be pulled.',
  PIDPressure: 'It is low on process IDs.',
  NetworkUnavailable: 'Its network is not set up.',
}

function problemOf(node: Node): string | null {
  const ready = conditionOf(node, 'Ready')
  const since = ready?.lastTransitionTime ? ` since ${ready.lastTransitionTime}` : ''
  switch (stateOf(node)) {
    case 'lost':
      return `It has not reported${since}. Its pods may still be running; they are replaced elsewhere after a few minutes.`
    case 'not_ready':
      return `It is not ready${since}: ${ready?.message ?? ready?.reason ?? 'it gives no reason'}.`.replace(
        /\.\.$/,
        '.',
      )
    case 'cordoned':
      return 'It is cordoned: it accepts no new pods.'
    case 'ready': {
      const pressed = Object.keys(PRESSURES).filter((type) => conditionOf(node, type)?.status === 'True')
      return pressed.length > 0 ? pressed.map((type) => PRESSURES[type]).join(' ') : null
    }
  }
}

/** A node as operators see it. Reference: https://kubernetes.io/docs/reference/node/node-status/ */
export function nodeView(node: Node & { metadata: { name: string } }, reserved: Resources, used: Measured): NodeView {
  return {
    name: node.metadata.name,
    state: stateOf(node),
    problem: problemOf(node),
    allocatable: allocatableOf(node),
    reserved,
    used,
    kubelet: node.status?.nodeInfo?.kubeletVersion ?? 'unknown',
  }
}
