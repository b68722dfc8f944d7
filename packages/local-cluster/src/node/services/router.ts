import { join } from 'node:path'
import type { LocalApi } from '../../types/client.ts'
import type { Pod } from '../../types/pod.ts'
import { type PodDirectory, watchPodDirectory } from '../../types/pod-directory.ts'
import { Services } from '../../types/resources.ts'
import type { Service } from '../../types/service.ts'
import { hasCode } from '../../types/system-error.ts'
import type { Routes } from '../network/routes.ts'
import type { ApiAccess, NodeLog } from '../options.ts'
import type { PortAllocator } from '../ports.ts'
import { AddressBook } from './address-book.ts'
import { ClusterIpRoutes } from './cluster-ip-routes.ts'
import { type BackingPod, podsBehind, type ServicePort, targetsOf } from './endpoints.ts'
import { addressOutside, clusterServiceOf, ExternalNames } from './external-names.ts'
import { type HostName, HostsFiles } from './hosts.ts'
import { type Listener, listenAt } from './listener.ts'
import { NodePortListeners } from './node-port-listeners.ts'
import { kubernetesVariables, serviceVariables } from './variables.ts'

/** Other programs may sit on an address; more than this in a row do not. */
const MOST_ADDRESSES = 8

interface Entry {
  address: string
  ports: Record<string, number>
  listeners: Map<string, Listener>
}

/** Who listens for each Service, and the names and variables by which pods find it. */
export class Router {
  readonly hosts: HostsFiles
  readonly #api: LocalApi
  readonly #ports: PortAllocator
  readonly #apiAccess: ApiAccess | null
  /** Null: pods come to Services by loopback addresses. */
  readonly #routes: ClusterIpRoutes | null
  readonly #pods: PodDirectory
  readonly #book: AddressBook
  readonly #nodePorts: NodePortListeners
  readonly #external: ExternalNames
  readonly #entries = new Map<string, Entry>()
  readonly #running = new Map<string, Promise<void>>()

  constructor(options: {
    api: LocalApi
    dir: string
    ports: PortAllocator
    apiAccess: ApiAccess | null
    routes: Routes | null
    log: NodeLog
  }) {
    this.#api = options.api
    this.#ports = options.ports
    this.#apiAccess = options.apiAccess
    this.#routes = options.routes && new ClusterIpRoutes(options.routes)
    this.#pods = watchPodDirectory(options.api)
    this.#book = new AddressBook(join(options.dir, 'services.json'), options.dir)
    this.hosts = new HostsFiles(join(options.dir, 'hosts'))
    this.#nodePorts = new NodePortListeners(options.log)
    this.#external = new ExternalNames((key) => this.reconcile(key))
  }

  async variables(pod: Pod): Promise<Record<string, string>> {
    const namespace = pod.metadata.namespace ?? ''
    const variables = await this.#ofKubernetes()
    if (pod.spec.enableServiceLinks === false) return variables
    const { items } = await this.#api.list<Service>(Services, { namespace })
    for (const service of items) {
      const { name } = service.metadata
      await this.reconcile(`${namespace}/${name}`)
      const entry = this.#entries.get(`${namespace}/${name}`)
      if (entry === undefined || service.spec.clusterIP === 'None') continue
      const routed = this.#routes !== null
      const at = routed ? { address: service.spec.clusterIP ?? '', ports: {} } : entry
      Object.assign(variables, serviceVariables(service, at))
    }
    return variables
  }

  /** How in-cluster clients find the API, which every pod is told. */
  async #ofKubernetes(): Promise<Record<string, string>> {
    const service =
      this.#routes === null
        ? null
        : await this.#api.get<Service>(Services, { namespace: 'default', name: 'kubernetes' })
    if (service === null) return kubernetesVariables(this.#apiAccess)
    return serviceVariables(service, { address: service.spec.clusterIP ?? '', ports: {} })
  }

  /** Forgets the addresses of Services that went while nobody looked. */
  async prune(): Promise<void> {
    const { items } = await this.#api.list<Service>(Services)
    const present = new Set(items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`))
    for (const key of this.#book.keys()) {
      if (!present.has(key.split('/').slice(0, 2).join('/'))) this.#book.delete(key)
    }
  }

  /** One look at a time at each Service. */
  reconcile(key: string): Promise<void> {
    const running = (this.#running.get(key) ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => this.#reconcile(key))
      .finally(() => {
        if (this.#running.get(key) === running) this.#running.delete(key)
      })
    this.#running.set(key, running)
    return running
  }

  async #reconcile(key: string): Promise<void> {
    const [namespace = '', name = ''] = key.split('/')
    const service = await this.#api.get<Service>(Services, { namespace, name })
    const served = service !== null && service.spec.type !== 'ExternalName' ? service : null
    const pods = served?.spec.clusterIP === 'None' ? await podsBehind(this.#api, { namespace, name }) : []
    // Pods with addresses of their own need nobody in between.
    const direct = this.#routes !== null && served?.spec.clusterIP === 'None'
    const wanted = served === null || direct ? [] : [key, ...pods.map((pod) => `${key}/${pod.name}`)]
    for (const known of [...this.#entries.keys()]) {
      if ((known === key || known.startsWith(`${key}/`)) && !wanted.includes(known)) this.#drop(known)
    }
    for (const each of wanted) await this.#serve(each, served?.spec.ports ?? [])
    await this.#nodePorts.set(key, served, (port) => targetsOf(this.#api, { namespace, name }, port, null, this.#pods))
    this.#routes?.set(key, direct ? null : served, this.#entries.get(key)?.ports ?? {})
    const alias = service?.spec.type === 'ExternalName' ? (service.spec.externalName ?? '') : null
    this.#external.set(key, alias)
    if (alias !== null) return this.hosts.set(key, namespace, await this.#aliased(name, alias))
    const addressOf = (pod: BackingPod) => (direct ? pod.address : this.#entries.get(`${key}/${pod.name}`)?.address)
    this.hosts.set(key, namespace, [
      ...this.#ownAddresses(key, served, pods).map((address) => ({ name, address })),
      ...pods.flatMap((pod) => {
        const address = addressOf(pod)
        return address === undefined ? [] : [{ name: `${pod.name}.${name}`, address }]
      }),
    ])
    await Promise.all(this.#external.aliasesOf(key).map((each) => this.reconcile(each)))
  }

  /** A name that stands for another one. */
  async #aliased(name: string, alias: string): Promise<HostName[]> {
    const inside = clusterServiceOf(alias)
    const address = inside === null ? await addressOutside(alias) : this.hosts.addressOf(inside)
    return address === null ? [] : [{ name, address }]
  }

  /** What the Service's own name stands for. */
  #ownAddresses(key: string, service: Service | null, pods: readonly BackingPod[]): string[] {
    if (service === null) return []
    if (this.#routes === null) return [this.#entries.get(key)?.address ?? []].flat()
    const { clusterIP } = service.spec
    if (clusterIP === 'None') return [...new Set(pods.map(({ address }) => address))]
    return clusterIP === undefined ? [] : [clusterIP]
  }

  async #serve(key: string, ports: readonly ServicePort[]): Promise<void> {
    const tcp = ports.filter((port) => (port.protocol ?? 'TCP') === 'TCP')
    const entry = this.#entries.get(key) ?? (await this.#open(key, tcp))
    this.#entries.set(key, entry)
    const wanted = new Set(tcp.map(signature))
    for (const [known, listener] of entry.listeners) {
      if (wanted.has(known)) continue
      listener.close()
      entry.listeners.delete(known)
      delete entry.ports[known.split(' ')[0] ?? '']
    }
    for (const port of tcp) if (!entry.listeners.has(signature(port))) await this.#listen(key, entry, port)
    this.#book.set(key, { address: entry.address, ports: entry.ports })
  }

  /** An address on which nobody else has the Service's first port. */
  async #open(key: string, ports: readonly ServicePort[]): Promise<Entry> {
    const before = this.#book.get(key)
    const entry: Entry = { address: before?.address ?? '', ports: { ...before?.ports }, listeners: new Map() }
    const [first] = ports
    // Nobody else listens where the route leads, and nothing of the machine is in the way of the Service's own port.
    if (this.#routes !== null) return { ...entry, address: '127.0.0.1' }
    for (let attempt = 0; attempt < MOST_ADDRESSES; attempt += 1) {
      if (entry.address === '' || attempt > 0) entry.address = this.#book.propose(key, attempt)
      if (first === undefined) return entry
      try {
        await this.#listenOn(key, entry, first, entry.address, first.port)
        delete entry.ports[String(first.port)]
        return entry
      } catch (error) {
        if (!hasCode(error, 'EADDRINUSE')) break
      }
    }
    entry.address = '127.0.0.1'
    return entry
  }

  async #listen(key: string, entry: Entry, port: ServicePort): Promise<void> {
    if (entry.address !== '127.0.0.1') {
      try {
        return await this.#listenOn(key, entry, port, entry.address, port.port)
      } catch (error) {
        if (!hasCode(error, 'EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL')) throw error
      }
    }
    const own = String(port.port)
    const before = entry.ports[own]
    const keeps = before !== undefined && (await this.#ports.isFree(before))
    const chosen = keeps ? before : await this.#ports.pick(`service ${key}`)
    await this.#listenOn(key, entry, port, entry.address, chosen)
    entry.ports[own] = chosen
  }

  async #listenOn(key: string, entry: Entry, port: ServicePort, address: string, at: number): Promise<void> {
    const [namespace = '', name = '', pod = null] = key.split('/')
    const listener = await listenAt(address, at, () => targetsOf(this.#api, { namespace, name }, port, pod, this.#pods))
    entry.listeners.set(signature(port), listener)
  }

  #drop(key: string): void {
    for (const listener of this.#entries.get(key)?.listeners.values() ?? []) listener.close()
    this.#entries.delete(key)
    this.#ports.release(`service ${key}`)
    this.#book.delete(key)
  }

  close(): void {
    this.#pods.stop()
    this.#external.close()
    this.#nodePorts.close()
    for (const entry of this.#entries.values()) for (const listener of entry.listeners.values()) listener.close()
    this.#entries.clear()
  }
}

const signature = (port: ServicePort) => `${port.port} ${port.name ?? ''}`
