import type { LabelSelector } from '../types/client.ts'
import type { KubernetesObject } from '../types/objects.ts'

/** What the ingress reads: Ingress, and Gateway and HTTPRoute of the Gateway API v1. */

export interface BackendPort {
  number?: number
  name?: string
}

export interface IngressBackend {
  service?: { name: string; port?: BackendPort }
}

export interface Ingress extends KubernetesObject {
  spec: {
    ingressClassName?: string
    defaultBackend?: IngressBackend
    rules?: { host?: string; http?: { paths: { path?: string; pathType?: string; backend: IngressBackend }[] } }[]
  }
}

export interface Listener {
  name: string
  hostname?: string
  port?: number
  protocol: string
  allowedRoutes?: {
    kinds?: { group?: string; kind: string }[]
    namespaces?: { from?: 'All' | 'Same' | 'Selector'; selector?: LabelSelector }
  }
}

export interface Gateway extends KubernetesObject {
  spec: { gatewayClassName: string; listeners: Listener[] }
}

export interface ParentRef {
  group?: string
  kind?: string
  name: string
  namespace?: string
  sectionName?: string
  port?: number
}

export interface NamedValue {
  name: string
  value: string
  type?: string
}

export interface BackendRef {
  group?: string
  kind?: string
  name: string
  namespace?: string
  port?: number
  weight?: number
  filters?: { type: string }[]
}

export interface RouteMatch {
  path?: { type?: string; value?: string }
  method?: string
  headers?: NamedValue[]
  queryParams?: NamedValue[]
}

export interface RouteRule {
  matches?: RouteMatch[]
  filters?: { type: string }[]
  backendRefs?: BackendRef[]
  timeouts?: object
}

export interface HttpRoute extends KubernetesObject {
  spec: { parentRefs?: ParentRef[]; hostnames?: string[]; rules?: RouteRule[] }
}
