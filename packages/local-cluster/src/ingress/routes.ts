import type { Upstream } from '@slipway/proxy'
import type { LocalApi } from '../types/client.ts'
import type { KubernetesObject } from '../types/objects.ts'
import { type PodDirectory, watchPodDirectory } from '../types/pod-directory.ts'
import { References } from '../types/references.ts'
import {
  EndpointSlices,
  Gateways,
  HttpRoutes,
  Ingresses,
  Namespaces,
  type ResourceType,
  Services,
} from '../types/resources.ts'
import { same } from '../types/same.ts'
import type { EndpointSlice, Service } from '../types/service.ts'
import { SERVICE_LABEL } from '../types/service.ts'
import { HostTable } from './host-table.ts'
import { ingressClassOf, ingressRules } from './ingress-rules.ts'
import type { BackendPort, Gateway, HttpRoute, Ingress } from './objects.ts'
import { attach, gatewayKeyOf } from './route-parents.ts'
import { httpRouteRules } from './route-rules.ts'
import type { RequestFacts, Rule } from './rules.ts'

/** Where one request goes. */
export interface Route {
  namespace: string
  service: string
  port: BackendPort
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
 * are, and a change what it touches: a Gateway its routes, a Namespace its routes where listeners choose by labels.
 */
export class RoutingTable {
  readonly #hosts = new HostTable()
  readonly #gateways = new Map<string, Gateway>()
  readonly #httpRoutes = new Map<string, HttpRoute>()
  /** Routes by the Gateways that they name, and by their namespace. */
  readonly #byGateway = new References()
  readonly #byNamespace = new References()
  readonly #namespaceLabels = new Map<string, Record<string, string>>()
  readonly #services = new Map<string, Service>()
  readonly #slices = new Map<string, Map<string, EndpointSlice>>()
  readonly #ingressClass: string
  readonly #pods: PodDirectory
  readonly #waiting = new Set<() => void>()
  readonly #stops: (() => void)[]

  constructor(api: LocalApi, ingressClass: string) {
    this.#ingressClass = ingressClass
    const follow = <T extends KubernetesObject>(kind: ResourceType, on: (object: T | null, key: string) => void) =>
      api.watch(kind, {
        sendInitialEvents: true,
        onEvent: ({ type, object }) => on(type === 'DELETED' ? null : (object as T), keyOf(object)),
      })
    // First, so that it knows a pod before its endpoints come.
    this.#pods = watchPodDirectory(api)
    this.#stops = [
      () => this.#pods.stop(),
      follow<KubernetesObject>(Namespaces, (namespace, key) => this.#onNamespace(namespace, key.slice(1))),
      follow<Ingress>(Ingresses, (ingress, key) => {
        const ours = ingress !== null && ingressClassOf(ingress) === this.#ingressClass
        this.#hosts.set(`Ingress ${key}`, ours ? ingressRules(ingress) : [])
      }),
      follow<Gateway>(Gateways, (gateway, key) => this.#onGateway(gateway, key)),
      follow<HttpRoute>(HttpRoutes, (route, key) => this.#onHttpRoute(route, key)),
      follow<Service>(Services, (service, key) => {
        if (service === null) this.#services.delete(key)
        else this.#services.set(key, service)
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

  /** The rule that fits best; null for what no rule takes. */
  find(host: string, request: RequestFacts): Rule | null {
    return this.#hosts.find(host, request)
  }

  /** True where the Service is there and has the port. */
  exists(route: Route): boolean {
    return this.#portOf(route) !== undefined
  }

  #portOf(route: Route) {
    const service = this.#services.get(`${route.namespace}/${route.service}`)
    return service?.spec.ports?.find((each) =>
      route.port.name === undefined ? each.port === route.port.number : each.name === route.port.name,
    )
  }

  endpoints(route: Route): Endpoints {
    const port = this.#portOf(route)
    const found: Endpoints = { ready: [], draining: [], starting: 0 }
    if (port === undefined) return found
    for (const slice of this.#slices.get(`${route.namespace}/${route.service}`)?.values() ?? []) {
      const target = slice.ports?.find((each) => each.name === (port.name ?? ''))
      if (target === undefined) continue
      for (const { addresses, conditions } of slice.endpoints ?? []) {
        const upstreams = addresses.flatMap((address) => this.#pods.find(address, target.port) ?? [])
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

  #onNamespace(namespace: KubernetesObject | null, name: string): void {
    const before = this.#namespaceLabels.get(name)
    const labels = namespace?.metadata.labels ?? {}
    if (namespace === null) this.#namespaceLabels.delete(name)
    else this.#namespaceLabels.set(name, labels)
    if (same(before ?? {}, labels)) return
    for (const key of this.#byNamespace.of(name)) this.#fileRoute(key)
  }

  #onGateway(gateway: Gateway | null, key: string): void {
    if (gateway?.spec.gatewayClassName === this.#ingressClass) this.#gateways.set(key, gateway)
    else this.#gateways.delete(key)
    for (const route of this.#byGateway.of(key)) this.#fileRoute(route)
  }

  #onHttpRoute(route: HttpRoute | null, key: string): void {
    const before = this.#httpRoutes.get(key)
    if (route === null) this.#httpRoutes.delete(key)
    else this.#httpRoutes.set(key, route)
    this.#byGateway.set(
      key,
      (route?.spec.parentRefs ?? []).map((parent) => gatewayKeyOf(route as HttpRoute, parent)),
    )
    this.#byNamespace.set(key, route === null ? [] : [route.metadata.namespace ?? ''])
    // Its status changes more often than what it says.
    if (before === undefined || !same(before.spec, route?.spec)) this.#fileRoute(key)
  }

  #fileRoute(key: string): void {
    const route = this.#httpRoutes.get(key)
    const hosts = (route?.spec.parentRefs ?? []).flatMap((parent) => {
      const gateway = this.#gateways.get(gatewayKeyOf(route as HttpRoute, parent) ?? '')
      if (route === undefined || gateway === undefined) return []
      return attach(route, parent, gateway, (namespace) => this.#namespaceLabels.get(namespace)).hosts
    })
    const rules = route === undefined ? [] : httpRouteRules(route, [...new Set(hosts)])
    this.#hosts.set(`HTTPRoute ${key}`, rules)
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

const keyOf = ({ metadata }: KubernetesObject) => `${metadata.namespace ?? ''}/${metadata.name}`
