import type { LocalApi } from '../api/client.ts'
import type { KubernetesObject } from '../api/objects.ts'
import { EndpointSlices, Ingresses, Services } from '../api/resources.ts'
import { SERVICE_LABEL } from '../controllers/endpointslice.ts'
import type { EndpointSlice, Service } from '../controllers/objects.ts'
import type { Upstream } from './options.ts'

interface Ingress extends KubernetesObject {
  spec: {
    ingressClassName?: string
    rules?: {
      host?: string
      http?: { paths: { path?: string; pathType?: string; backend: Backend }[] }
    }[]
  }
}
interface Backend {
  service?: { name: string; port: { number?: number; name?: string } }
}

/** Where requests of one host and path go. */
export interface Route {
  namespace: string
  service: string
  port: { number?: number; name?: string }
  path: string
  exact: boolean
  /** For the page that says the app does not run. */
  ingress: string
}

/** What is known of a Service's endpoints. */
export interface Endpoints {
  ready: Upstream[]
  /** Not ready, or on the way out but still serving. */
  draining: Upstream[]
  starting: number
}

/**
 * The routing table: hosts to Services to endpoints, kept up to date by watches. A lookup costs the same however many there
 * are. Reference: https://kubernetes.io/docs/concepts/services-networking/ingress/
 */
export class RoutingTable {
  readonly #ingresses = new Map<string, Ingress>()
  readonly #services = new Map<string, Service>()
  readonly #slices = new Map<string, Map<string, EndpointSlice>>()
  readonly #ingressClass: string
  readonly #waiting = new Set<() => void>()
  readonly #stops: (() => void)[]
  #hosts = new Map<string, Route[]>()

  constructor(api: LocalApi, ingressClass: string) {
    this.#ingressClass = ingressClass
    this.#stops = [
      api.watch(Ingresses, {
        sendInitialEvents: true,
        onEvent: ({ type, object }) => this.#onIngress(type, object as Ingress),
      }),
      api.watch(Services, {
        sendInitialEvents: true,
        onEvent: ({ type, object }) => this.#onService(type, object as Service),
      }),
      api.watch(EndpointSlices, {
        sendInitialEvents: true,
        onEvent: ({ type, object }) => this.#onSlice(type, object as EndpointSlice),
      }),
    ]
  }

  close(): void {
    for (const stop of this.#stops) stop()
  }

  /** The longest path that fits; null for a host or path that no Ingress names. */
  find(host: string, path: string): Route | null {
    const wildcard = host.replace(/^[^.]+/, '*')
    for (const routes of [this.#hosts.get(host), this.#hosts.get(wildcard), this.#hosts.get('')]) {
      const found = routes?.find((route) => matches(route, path))
      if (found !== undefined) return found
    }
    return null
  }

  endpoints(route: Route): Endpoints {
    const service = this.#services.get(`${route.namespace}/${route.service}`)
    const port = service?.spec.ports?.find((each) =>
      route.port.name === undefined ? each.port === route.port.number : each.name === route.port.name,
    )
    const found: Endpoints = { ready: [], draining: [], starting: 0 }
    if (port === undefined) return found
    for (const slice of this.#slices.get(`${route.namespace}/${route.service}`)?.values() ?? []) {
      const target = slice.ports.find((each) => each.name === (port.name ?? ''))
      if (target === undefined) continue
      for (const { addresses, conditions } of slice.endpoints ?? []) {
        const upstreams = addresses.map((host) => ({ host, port: target.port }))
        if (conditions.ready) found.ready.push(...upstreams)
        else if (conditions.serving && conditions.terminating) found.draining.push(...upstreams)
        else if (!conditions.terminating) found.starting += 1
      }
    }
    return found
  }

  /** Resolves at the next change of any endpoints, or after `timeoutMs`. */
  changed(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer)
        this.#waiting.delete(finish)
        resolve()
      }
      const timer = setTimeout(finish, timeoutMs)
      this.#waiting.add(finish)
    })
  }

  #onIngress(type: string, ingress: Ingress): void {
    const key = `${ingress.metadata.namespace}/${ingress.metadata.name}`
    if (type === 'DELETED' || ingress.spec.ingressClassName !== this.#ingressClass) this.#ingresses.delete(key)
    else this.#ingresses.set(key, ingress)
    this.#hosts = hostsOf([...this.#ingresses.values()])
  }

  #onService(type: string, service: Service): void {
    const key = `${service.metadata.namespace}/${service.metadata.name}`
    if (type === 'DELETED') this.#services.delete(key)
    else this.#services.set(key, service)
  }

  #onSlice(type: string, slice: EndpointSlice): void {
    const key = `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_LABEL] ?? ''}`
    const slices = this.#slices.get(key) ?? new Map<string, EndpointSlice>()
    if (type === 'DELETED') slices.delete(slice.metadata.name)
    else slices.set(slice.metadata.name, slice)
    if (slices.size === 0) this.#slices.delete(key)
    else this.#slices.set(key, slices)
    for (const wake of [...this.#waiting]) wake()
  }
}

function matches(route: Route, path: string): boolean {
  if (route.exact) return path === route.path
  const prefix = route.path.replace(/\/+$/, '')
  return path === prefix || path.startsWith(`${prefix}/`)
}

/** Routes by host; exact ones first, then longer paths, then the older Ingress. */
function hostsOf(ingresses: readonly Ingress[]): Map<string, Route[]> {
  const hosts = new Map<string, Route[]>()
  const oldestFirst = [...ingresses].sort((a, b) =>
    (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''),
  )
  for (const ingress of oldestFirst) {
    for (const rule of ingress.spec.rules ?? []) {
      const routes = hosts.get(rule.host ?? '') ?? []
      for (const { path = '/', pathType, backend } of rule.http?.paths ?? []) {
        if (backend.service === undefined) continue
        const namespace = ingress.metadata.namespace ?? ''
        const { name: service, port } = backend.service
        routes.push({ namespace, service, port, path, exact: pathType === 'Exact', ingress: ingress.metadata.name })
      }
      routes.sort((a, b) => Number(b.exact) - Number(a.exact) || b.path.length - a.path.length)
      hosts.set(rule.host ?? '', routes)
    }
  }
  return hosts
}
