import type { LabelSelector } from '../types/client.ts'
import type { Condition } from '../types/condition.ts'
import type { KubernetesObject } from '../types/objects.ts'
import type { PodTemplate } from '../types/pod.ts'

export interface FailureRule {
  action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count'
  onExitCodes?: { containerName?: string; operator: 'In' | 'NotIn'; values: number[] }
  onPodConditions?: { type: string; status?: string }[]
}

export interface SuccessRule {
  succeededIndexes?: string
  succeededCount?: number
}

export interface JobStatus {
  conditions?: Condition[]
  startTime?: string
  completionTime?: string
  active?: number
  ready?: number
  succeeded?: number
  failed?: number
  terminating?: number
  /** `1,3-5` */
  completedIndexes?: string
  failedIndexes?: string
  /** Pods that have ended but are not in the counts yet, by uid. */
  uncountedTerminatedPods?: { succeeded?: string[]; failed?: string[] }
}

export interface Job extends KubernetesObject {
  spec: {
    parallelism?: number
    completions?: number
    completionMode?: 'NonIndexed' | 'Indexed'
    backoffLimit?: number
    backoffLimitPerIndex?: number
    maxFailedIndexes?: number
    activeDeadlineSeconds?: number
    ttlSecondsAfterFinished?: number
    suspend?: boolean
    managedBy?: string
    selector?: LabelSelector
    template: PodTemplate
    podReplacementPolicy?: 'TerminatingOrFailed' | 'Failed'
    podFailurePolicy?: { rules?: FailureRule[] }
    successPolicy?: { rules?: SuccessRule[] }
  }
  status?: JobStatus
}
