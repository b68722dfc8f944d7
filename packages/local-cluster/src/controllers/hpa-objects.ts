import type { NodeUsage } from '../api/client.ts'
import type { KubernetesObject } from '../api/objects.ts'
import type { Condition, LabelSelector } from './objects.ts'

export interface MetricTarget {
  type: 'Utilization' | 'AverageValue' | 'Value'
  averageUtilization?: number
  averageValue?: string | number
  value?: string | number
}

export interface MetricIdentifier {
  name: string
  selector?: LabelSelector
}

export interface MetricSpec {
  type: string
  pods?: { metric: MetricIdentifier; target: MetricTarget }
  object?: { metric: MetricIdentifier; target: MetricTarget; describedObject: { kind: string; name: string } }
  external?: { metric: MetricIdentifier; target: MetricTarget }
  resource?: { name: string; target: MetricTarget }
  containerResource?: { name: string; container: string; target: MetricTarget }
}

export interface MetricStatus {
  type: string
  resource?: { name: string; current: { averageUtilization?: number; averageValue?: string } }
  containerResource?: {
    name: string
    container: string
    current: { averageUtilization?: number; averageValue?: string }
  }
}

export interface ScalingRules {
  stabilizationWindowSeconds?: number
  selectPolicy?: 'Max' | 'Min' | 'Disabled'
  policies?: { type: 'Pods' | 'Percent'; value: number; periodSeconds: number }[]
  tolerance?: string | number
}

export interface HorizontalPodAutoscaler extends KubernetesObject {
  spec: {
    scaleTargetRef: { apiVersion?: string; kind: string; name: string }
    minReplicas?: number
    maxReplicas: number
    metrics?: MetricSpec[]
    behavior?: { scaleUp?: ScalingRules; scaleDown?: ScalingRules }
  }
  status?: {
    lastScaleTime?: string
    currentReplicas?: number
    desiredReplicas: number
    currentMetrics: MetricStatus[] | null
    conditions?: Condition[]
  }
}

/** Why a metric cannot be read: for the condition and the event, and for the sum of all metrics. */
export class MetricError extends Error {
  override name = 'MetricError'
  readonly reason: string
  readonly summary: string
  constructor(reason: string, message: string, summary: string) {
    super(message)
    this.reason = reason
    this.summary = summary
  }
}

/** What the node measured; null where nothing does. */
export type UsageSource = () => Promise<NodeUsage | null>
