import type { LabelSelector } from './client.ts'
import type { Condition } from './condition.ts'
import type { Container, ContainerStatus, SecurityContext } from './container.ts'
import type { KubernetesObject, ObjectMeta } from './objects.ts'
import type { Volume } from './volume.ts'

/** Pods, with the fields that are read here, as they are after the API server's defaults. */

/** A rule about the pods that share a domain (a node, a zone) with this one. */
export interface PodAffinityTerm {
  topologyKey: string
  labelSelector?: LabelSelector
  namespaces?: string[]
}

export interface TopologySpreadConstraint {
  topologyKey: string
  maxSkew: number
  whenUnsatisfiable: string
  labelSelector?: LabelSelector
}

export interface PodSpec {
  containers: Container[]
  initContainers?: Container[]
  restartPolicy?: 'Always' | 'OnFailure' | 'Never'
  terminationGracePeriodSeconds?: number
  activeDeadlineSeconds?: number
  hostNetwork?: boolean
  subdomain?: string
  nodeName?: string
  schedulerName?: string
  serviceAccountName?: string
  hostname?: string
  nodeSelector?: Record<string, string>
  enableServiceLinks?: boolean
  affinity?: {
    nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: NodeSelectorTerm[] } }
    podAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[] }
    podAntiAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[] }
  }
  topologySpreadConstraints?: TopologySpreadConstraint[]
  schedulingGates?: { name: string }[]
  readinessGates?: { conditionType: string }[]
  tolerations?: Toleration[]
  volumes?: Volume[]
  imagePullSecrets?: { name?: string }[]
  securityContext?: SecurityContext & { supplementalGroups?: number[]; fsGroup?: number }
}

export interface NodeSelectorRequirement {
  key: string
  operator: string
  values?: string[]
}

export interface NodeSelectorTerm {
  matchExpressions?: NodeSelectorRequirement[]
  matchFields?: NodeSelectorRequirement[]
}

export interface Toleration {
  key?: string
  operator?: string
  value?: string
  effect?: string
  tolerationSeconds?: number
}

export interface PodStatus {
  phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'
  conditions?: Condition[]
  containerStatuses?: ContainerStatus[]
  initContainerStatuses?: ContainerStatus[]
  hostIP?: string
  hostIPs?: { ip: string }[]
  podIP?: string
  podIPs?: { ip: string }[]
  startTime?: string
  observedGeneration?: number
  qosClass?: string
  reason?: string
  message?: string
}

export interface Pod extends KubernetesObject {
  spec: PodSpec
  status?: PodStatus
}

export interface PodTemplate {
  metadata?: Partial<Pick<ObjectMeta, 'labels' | 'annotations' | 'finalizers'>>
  spec: PodSpec
}
