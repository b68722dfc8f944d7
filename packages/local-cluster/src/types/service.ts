import type { KubernetesObject } from './objects.ts'

/** Services and their endpoints, with the fields that are read here, as they are after the API server's defaults. */

export const SERVICE_LABEL = 'kubernetes.io/service-name'

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
