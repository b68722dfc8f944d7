import type { LabelSelector } from './client.ts'
import type { Condition } from './condition.ts'
import type { KubernetesObject } from './objects.ts'
import type { PodTemplate } from './pod.ts'

/** ReplicaSets and Deployments, with the fields that are read here, as they are after the API server's defaults. */

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
