import type { LabelSelector } from '../types/client.ts'
import type { Condition } from '../types/condition.ts'
import type { KubernetesObject, ObjectMeta } from '../types/objects.ts'
import type { PodTemplate } from '../types/pod.ts'
import type { Job } from './job-objects.ts'
import type { PersistentVolumeClaim } from './storage-objects.ts'

/** A template as it was, by which a StatefulSet or DaemonSet can go back. */
export interface ControllerRevision extends KubernetesObject {
  data: { spec: { template: PodTemplate & { $patch?: string } } }
  revision: number
}

export interface StatefulSetStatus {
  observedGeneration?: number
  replicas: number
  readyReplicas?: number
  currentReplicas?: number
  updatedReplicas?: number
  currentRevision?: string
  updateRevision?: string
  collisionCount?: number
  availableReplicas: number
  conditions?: Condition[]
}

export interface StatefulSet extends KubernetesObject {
  spec: {
    replicas?: number
    selector: LabelSelector
    template: PodTemplate
    serviceName?: string
    podManagementPolicy?: 'OrderedReady' | 'Parallel'
    updateStrategy?: { type?: 'RollingUpdate' | 'OnDelete'; rollingUpdate?: { partition?: number } }
    minReadySeconds?: number
    revisionHistoryLimit?: number
    ordinals?: { start?: number }
    volumeClaimTemplates?: PersistentVolumeClaim[]
    persistentVolumeClaimRetentionPolicy?: { whenDeleted?: 'Retain' | 'Delete'; whenScaled?: 'Retain' | 'Delete' }
  }
  status?: StatefulSetStatus
}

export interface DaemonSetStatus {
  currentNumberScheduled: number
  numberMisscheduled: number
  desiredNumberScheduled: number
  numberReady: number
  observedGeneration?: number
  updatedNumberScheduled?: number
  numberAvailable?: number
  numberUnavailable?: number
  collisionCount?: number
  conditions?: Condition[]
}

export interface DaemonSet extends KubernetesObject {
  spec: {
    selector: LabelSelector
    template: PodTemplate
    updateStrategy?: {
      type?: 'RollingUpdate' | 'OnDelete'
      rollingUpdate?: { maxUnavailable?: number | string; maxSurge?: number | string }
    }
    minReadySeconds?: number
    revisionHistoryLimit?: number
  }
  status?: DaemonSetStatus
}

export interface CronJob extends KubernetesObject {
  spec: {
    schedule: string
    timeZone?: string
    startingDeadlineSeconds?: number
    concurrencyPolicy?: 'Allow' | 'Forbid' | 'Replace'
    suspend?: boolean
    jobTemplate: { metadata?: Pick<ObjectMeta, 'labels' | 'annotations'>; spec: Job['spec'] }
    successfulJobsHistoryLimit?: number
    failedJobsHistoryLimit?: number
  }
  status?: {
    active?: ObjectReference[]
    lastScheduleTime?: string
    lastSuccessfulTime?: string
  }
}

export interface ObjectReference {
  apiVersion: string
  kind: string
  namespace?: string
  name: string
  uid: string
  resourceVersion?: string
}
