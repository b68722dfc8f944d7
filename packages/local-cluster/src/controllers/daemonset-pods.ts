import type { Pod, PodTemplate, Toleration } from '../types/pod.ts'
import type { ControllerContext } from './kind-controller.ts'
import { type Node, selectsNode, toleratesTaints } from './node-fit.ts'
import { createOwnedPod } from './pod-control.ts'
import type { DaemonSet } from './workload-objects.ts'

/** Label of the revision a pod was made from: its hash. */
export const REVISION_LABEL = 'controller-revision-hash'
export const COMPONENT = 'daemonset-controller'
const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation'

/** What every daemon endures, so that it is there when others are not. Reference: AddOrUpdateDaemonPodTolerations. */
function daemonTolerations(hostNetwork: boolean): Toleration[] {
  const endured: [string, string][] = [
    ['not-ready', 'NoExecute'],
    ['unreachable', 'NoExecute'],
    ['disk-pressure', 'NoSchedule'],
    ['memory-pressure', 'NoSchedule'],
    ['pid-pressure', 'NoSchedule'],
    ['unschedulable', 'NoSchedule'],
  ]
  if (hostNetwork) endured.push(['network-unavailable', 'NoSchedule'])
  return endured.map(([name, effect]) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists', effect }))
}

function specFor(set: DaemonSet): PodTemplate['spec'] {
  const { spec } = set.spec.template
  const own = spec.tolerations ?? []
  const hostNetwork = 'hostNetwork' in spec && spec.hostNetwork === true
  const added = daemonTolerations(hostNetwork).filter(
    ({ key, effect }) => !own.some((each) => each.key === key && each.effect === effect && each.operator === 'Exists'),
  )
  return { ...spec, tolerations: [...own, ...added] }
}

/** True when the node is one for the set's pods. */
export function shouldRunOn(set: DaemonSet, node: Node): boolean {
  const spec = specFor(set)
  return selectsNode(spec, node) && toleratesTaints(spec, node)
}

/** The template bound to one node; the scheduler still decides. */
function daemonTemplate(set: DaemonSet, node: Node): PodTemplate {
  const spec = structuredClone(specFor(set))
  const field = { key: 'metadata.name', operator: 'In', values: [node.metadata.name] }
  const present = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const nodeSelectorTerms = (present ?? [{}]).map((term) => ({ ...term, matchFields: [field] }))
  const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } }
  spec.affinity = { ...spec.affinity, nodeAffinity: { ...spec.affinity?.nodeAffinity, ...required } }
  return { ...set.spec.template, spec }
}

function daemonPodMarks(set: DaemonSet, hash: string) {
  const generation = set.metadata.annotations?.[GENERATION_ANNOTATION]
  return {
    labels: {
      [REVISION_LABEL]: hash,
      ...(generation === undefined ? {} : { 'pod-template-generation': generation }),
    },
  }
}

/** A DaemonSet with its pods by the name of their node. */
export interface Daemons {
  set: DaemonSet
  nodes: readonly Node[]
  pods: Pod[]
  /** Hash of the template that is wanted now. */
  hash: string
}

export const podsOn = (daemons: Pick<Daemons, 'pods'>, node: Node) =>
  daemons.pods.filter((pod) => nodeOf(pod) === node.metadata.name)

/** The node a pod is on, or, before it is scheduled, meant for. */
export function nodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return terms?.flatMap(({ matchFields = [] }) => matchFields).find(({ key }) => key === 'metadata.name')?.values?.[0]
}

/** Creates the pod of a node; answers the message of a refusal. */
export function createDaemon(context: ControllerContext, { set, hash }: Daemons, node: Node): Promise<string | null> {
  return createOwnedPod(context, set, daemonTemplate(set, node), COMPONENT, daemonPodMarks(set, hash))
}
