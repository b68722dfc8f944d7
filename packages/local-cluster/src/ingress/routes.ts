import type { LocalApi } from '../api/client.ts'
import type { KubernetesObject } from '../api/objects.ts'
import { EndpointSlices, Gateways, HttpRoutes, Ingresses, Services } from '../api/resources.ts'
import { SERVICE_LABEL } from '../controllers/endpointslice.ts'
import type { EndpointSlice, Service } from '../controllers/objects.ts'
import { type PodDirectory, watchPodDirectory } from '../controllers/pod-directory.ts'
import type { Upstream } from './options.ts'
import {
  type BackendPort,
  byPrecedence,
  chooseBackend,
  type Gateway,
  type HttpRoute,
  httpRouteRules,
  type Ingress,
  ingressRules,
  type RequestFacts,
  type Rule,
  takes,
} from './rules.ts'

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
 * are. Reference: https://kubernetes.io/docs/concepts/services-networking/ingress/
 */
export class RoutingTable {
  readonly #ingresses = new Map<string, Ingress>()
  readonly #gateways = new Map<string, Gateway>()
  readonly #httpRoutes = new Map<string, HttpRoute>()
  readonly #services = new Map<string, Service>()
  readonly #slices = new Map<string, Map<string, EndpointSlice>>()
  readonly #ingressClass: string
  readonly #pods: PodDirectory
  readonly #waiting = new Set<() => void>()
  readonly #stops: (() => void)[]
  #hosts = new Map<string, Rule[]>()

  constructor(api: LocalApi, ingressClass: string) {
    this.#ingressClass = ingressClass
    // First, so that it knows a pod before its endpoints come.
    this.#pods = watchPodDirectory(api)
    this.#stops = [
      () => this.#pods.stop(),
      api.watch(Ingresses, {
        sendInitialEvents: true,
        onEvent: ({ type, object }) => this.#onIngress(type, object as Ingress),
      }),
      api.watch(Gateways, {
        sendInitialEvents: true,
        onEvent: ({ type, object }) => this.#onGateway(type, object as Gateway),
      }),
      api.watch(HttpRoutes, {
        sendInitialEvents: true,
        onEvent: ({ type, object }) => this.#onHttpRoute(type, object as HttpRoute),
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

  /** The rule that fits best, and of its backends the one whose turn it is; null for what no rule names. */
  find(host: string, request: RequestFacts): Route | null {
    for (const { name, deep } of candidates(host)) {
      const rule = this.#hosts.get(name)?.find((each) => (each.deep || !deep) && takes(each, request))
      if (rule === undefined) continue
      const backend = chooseBackend(rule)
      return { namespace: rule.namespace, service: backend?.service ?? '', port: backend?.port ?? {} }
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

  #onIngress(type: string, ingress: Ingress): void {
    keep(this.#ingresses, type, ingress, ingress.spec.ingressClassName === this.#ingressClass)
    this.#rebuild()
  }

  #onGateway(type: string, gateway: Gateway): void {
    keep(this.#gateways, type, gateway, gateway.spec.gatewayClassName === this.#ingressClass)
    this.#rebuild()
  }

  #onHttpRoute(type: string, route: HttpRoute): void {
    keep(this.#httpRoutes, type, route, true)
    this.#rebuild()
  }

  #rebuild(): void {
    const ingresses = [...this.#ingresses.values()].flatMap(ingressRules)
    const routes = [...this.#httpRoutes.values()].flatMap((route) => httpRouteRules(route, this.#gateways))
    this.#hosts = hostsOf([...ingresses, ...routes])
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

function keep<T extends KubernetesObject>(objects: Map<string, T>, type: string, object: T, ours: boolean): void {
  const key = `${object.metadata.namespace}/${object.metadata.name}`
  if (type === 'DELETED' || !ours) objects.delete(key)
  else objects.set(key, object)
}

/** The host itself, then wildcards from the narrowest, then every host. `deep`: the wildcard stands for several labels. */
function* candidates(host: string): Generator<{ name: string; deep: boolean }> {
  yield { name: host, deep: false }
  let deep = false
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    yield { name: `*${host.slice(dot)}`, deep }
    deep = true
  }
  yield { name: '', deep: false }
}

/** Rules by host, those that go before others first. */
function hostsOf(rules: readonly [string, Rule][]): Map<string, Rule[]> {
  const hosts = new Map<string, Rule[]>()
  for (const [host, rule] of rules) hosts.set(host, [...(hosts.get(host) ?? []), rule])
  for (const list of hosts.values()) list.sort(byPrecedence)
  return hosts
}
