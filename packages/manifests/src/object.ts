import type { Deployment } from 'kubernetes-types/apps/v1.d.ts'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type {
  LimitRange,
  Namespace,
  ResourceQuota,
  Secret,
  Service,
  ServiceAccount,
} from 'kubernetes-types/core/v1.d.ts'
import type { Ingress, NetworkPolicy } from 'kubernetes-types/networking/v1.d.ts'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts'

/** A Kubernetes object as it is sent to the API server. Structurally the same as the cluster client's type. */
export type KubeObject = {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[]
  }
  [field: string]: unknown
}

type Of<K extends { apiVersion?: string; kind?: string }> = K &
  Pick<KubeObject, 'metadata'> & { apiVersion: string; kind: string }

/** Of Gateway API's kind what Slipway sets; its types come in no package of Kubernetes'. */
interface HTTPRoute {
  apiVersion: 'gateway.networking.k8s.io/v1'
  kind: 'HTTPRoute'
  spec: {
    parentRefs: { namespace: string; name: string }[]
    hostnames: string[]
    rules: {
      matches: { path: { type: 'PathPrefix'; value: string } }[]
      backendRefs: { name: string; port: number; weight?: number }[]
    }[]
  }
}

type Definition =
  | Of<HTTPRoute>
  | Of<Deployment>
  | Of<Ingress>
  | Of<Job>
  | Of<LimitRange>
  | Of<Namespace>
  | Of<NetworkPolicy>
  | Of<PodDisruptionBudget>
  | Of<ResourceQuota>
  | Of<Secret>
  | Of<Service>
  | Of<ServiceAccount>

/**
 * An object whose fields the compiler checks against the type of its kind. Values only: what is undefined is not sent.
 */
export function define(object: Definition): KubeObject {
  return { ...object }
}
