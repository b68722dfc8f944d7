import type { LabelSelector } from '../api/client.ts'
import type { KubernetesObject, ObjectMeta } from '../api/objects.ts'
import type { Volume, VolumeMount } from './volume-objects.ts'

/** The fields that the controllers and the node read, as they are after the API server's defaults. */
export type { LabelSelector }

export interface Condition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason?: string
  message?: string
  lastTransitionTime?: string
  lastUpdateTime?: string
  lastProbeTime?: string | null
  /** Nodes only. */
  lastHeartbeatTime?: string
  observedGeneration?: number
}

export interface EnvVar {
  name: string
  value?: string
  valueFrom?: {
    secretKeyRef?: { name: string; key: string; optional?: boolean }
    configMapKeyRef?: { name: string; key: string; optional?: boolean }
    fieldRef?: { fieldPath: string }
    resourceFieldRef?: { containerName?: string; resource: string; divisor?: string | number }
  }
}

export interface Handler {
  exec?: { command?: string[] }
  httpGet?: {
    path?: string
    port: number | string
    host?: string
    scheme?: string
    httpHeaders?: { name: string; value: string }[]
  }
  tcpSocket?: { port: number | string; host?: string }
  grpc?: { port: number; service?: string }
  sleep?: { seconds: number }
}

export interface Probe extends Handler {
  initialDelaySeconds?: number
  timeoutSeconds?: number
  periodSeconds?: number
  successThreshold?: number
  failureThreshold?: number
  terminationGracePeriodSeconds?: number
}

export interface Container {
  name: string
  image: string
  command?: string[]
  args?: string[]
  workingDir?: string
  env?: EnvVar[]
  envFrom?: {
    prefix?: string
    secretRef?: { name: string; optional?: boolean }
    configMapRef?: { name: string; optional?: boolean }
  }[]
  ports?: { name?: string; containerPort: number; hostPort?: number; protocol?: string }[]
  volumeMounts?: VolumeMount[]
  resources?: { requests?: Record<string, string | number>; limits?: Record<string, string | number> }
  livenessProbe?: Probe
  readinessProbe?: Probe
  startupProbe?: Probe
  lifecycle?: { preStop?: Handler; postStart?: Handler }
  terminationMessagePath?: string
  terminationMessagePolicy?: string
  imagePullPolicy?: string
  stdin?: boolean
  stdinOnce?: boolean
  tty?: boolean
  securityContext?: SecurityContext
  /** `Always` on an init container makes it a sidecar. */
  restartPolicy?: string
}

/** What a container may do; a pod's settings stand for those of its containers that have none. */
export interface SecurityContext {
  runAsUser?: number
  runAsGroup?: number
  runAsNonRoot?: boolean
  privileged?: boolean
  readOnlyRootFilesystem?: boolean
  allowPrivilegeEscalation?: boolean
  capabilities?: { add?: string[]; drop?: string[] }
  seccompProfile?: { type: string }
}

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

export interface ContainerState {
  waiting?: { reason: string; message?: string }
  running?: { startedAt: string }
  terminated?: {
    exitCode: number
    signal?: number
    reason: string
    message?: string
    /** Null where nobody saw it. */
    startedAt: string | null
    finishedAt: string | null
    containerID?: string
  }
}

export interface ContainerStatus {
  name: string
  state: ContainerState
  lastState: ContainerState
  ready: boolean
  started: boolean
  restartCount: number
  image: string
  imageID: string
  containerID?: string
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

export interface ReplicaSetStatus {
  replicas: number
  fullyLabeledReplicas?: number
  readyReplicas?: number
  availableReplicas?: number
  terminatingReplicas?: number
  observedGeneration?: number
  conditions?: Condition[]
}
export interface ReplicaSet extends KubernetesObject {
  spec: { replicas?: number; minReadySeconds?: number; selector: LabelSelector; template: PodTemplate }
  status?: ReplicaSetStatus
}

export interface DeploymentStatus {
  observedGeneration?: number
  replicas?: number
  updatedReplicas?: number
  readyReplicas?: number
  availableReplicas?: number
  unavailableReplicas?: number
  terminatingReplicas?: number
  conditions?: Condition[]
}
export interface Deployment extends KubernetesObject {
  spec: {
    replicas?: number
    selector: LabelSelector
    template: PodTemplate
    paused?: boolean
    minReadySeconds?: number
    revisionHistoryLimit?: number
    progressDeadlineSeconds?: number
    strategy?: {
      type?: 'RollingUpdate' | 'Recreate'
      rollingUpdate?: { maxUnavailable?: number | string; maxSurge?: number | string }
    }
  }
  status?: DeploymentStatus
}

export interface ServicePort {
  name?: string
  port: number
  targetPort?: number | string
  protocol?: string
  appProtocol?: string
  nodePort?: number
}

export interface Service extends KubernetesObject {
  spec: {
    selector?: Record<string, string>
    ports?: ServicePort[]
    clusterIP?: string
    publishNotReadyAddresses?: boolean
    type?: string
    externalName?: string
  }
}

export interface Endpoint {
  addresses: string[]
  conditions: { ready: boolean; serving: boolean; terminating: boolean }
  hostname?: string
  targetRef?: { kind: string; name: string; namespace?: string; uid?: string }
  nodeName?: string
}
export interface EndpointPort {
  name: string
  port: number
  protocol: string
  appProtocol?: string
}
export interface EndpointSlice extends KubernetesObject {
  addressType: string
  /** Both null while a Service has no pods. */
  endpoints: Endpoint[] | null
  ports: EndpointPort[] | null
}

export interface EndpointAddress {
  ip: string
  hostname?: string
  nodeName?: string
  targetRef?: Endpoint['targetRef']
}
export interface EndpointSubset {
  addresses?: EndpointAddress[]
  notReadyAddresses?: EndpointAddress[]
  ports?: { name?: string; port: number; protocol: string; appProtocol?: string }[]
}
/** The kind Endpoints. */
export interface EndpointsObject extends KubernetesObject {
  subsets?: EndpointSubset[]
}

export interface Disruption extends KubernetesObject {
  spec: { minAvailable?: number | string; maxUnavailable?: number | string; selector?: LabelSelector }
  status?: {
    observedGeneration?: number
    currentHealthy: number
    desiredHealthy: number
    expectedPods: number
    disruptionsAllowed: number
    conditions?: Condition[]
  }
}
