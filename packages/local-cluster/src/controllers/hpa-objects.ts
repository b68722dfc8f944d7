import type { KubernetesObject } from '../api/objects.ts'
import type { Condition } from './objects.ts'

export interface MetricTarget {
  type: 'Utilization' | 'AverageValue' | 'Value'
  averageUtilization?: number
  averageValue?: string | number
  value?: string | number
}

export interface MetricSpec {
  type: string
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

/** What the containers of one pod used over a window that ended at a time. */
export interface PodUsage {
  namespace: string
  name: string
  timestampMs: number
  windowMs: number
  containers: { name: string; cpuNanocores: number; memoryBytes: number }[]
}

/** Usage of the pods of a namespace; null where nothing measures it. */
export type UsageSource = (namespace: string) => Promise<PodUsage[] | null>
