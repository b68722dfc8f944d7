import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createController } from '@slipway/reconcile'
import type { LocalApi } from '../../api/client.ts'
import { EndpointSlices, Services } from '../../api/resources.ts'
import { SERVICE_LABEL } from '../../controllers/endpointslice.ts'
import type { Pod, Service } from '../../controllers/objects.ts'
import type { ApiAccess, NodeLog } from '../options.ts'
import type { PortAllocator } from '../ports.ts'
import { AddressBook } from './address-book.ts'
import { podsBehind, type ServicePort, targetsOf } from './endpoints.ts'
import { HostsFiles } from './hosts.ts'
import { type Listener, listenAt } from './listener.ts'
import { kubernetesVariables, serviceVariables } from './variables.ts'

/** Other programs may sit on an address; more than this in a row do not. */
const MOST_ADDRESSES = 8

/** Makes Services reachable for pods, as kube-proxy and the cluster's DNS do. */
export interface ServiceProxy {
  /** Variables that say where the Services of the pod's namespace are. Reference: kubelet_pods.go, getServiceEnvVarMap. */
  variables(pod: Pod): Promise<Record<string, string>>
  /** A hosts file for pods of the namespace, kept up to date. */
  hostsFile(namespace: string): string
  stop(): Promise<void>
}

interface Entry {
  address: string
  ports: Record<string, number>
  listeners: Map<string, Listener>
}

/**
 * Gives each Service a loopback address of its own, listens there on the Service's ports, and passes connections to its ready
 * endpoints. Where the machine has one loopback address only, or keeps low ports to root, a free port of 127.0.0.1 stands for the
 * Service's; the variables say which. UDP is not passed on.
 */
export function startServiceProxy(options: {
  api: LocalApi
  dir: string
  ports: PortAllocator
  apiAccess: ApiAccess | null
  log: NodeLog
}): ServiceProxy {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 })
  const proxy = new Router(options)
  const controller = createController({
    name: 'services',
    concurrency: 4,
    reconcile: (key) => proxy.reconcile(key),
    onError: (error, key) => options.log.warn('a Service cannot be reached by pods', { key, error: String(error) }),
  })
  const stops = [
    options.api.watch(Services, {
      sendInitialEvents: true,
      onEvent: ({ object }) => controller.enqueue(`${object.metadata.namespace}/${object.metadata.name}`),
    }),
    // The pods behind a headless Service have names of their own.
    options.api.watch(EndpointSlices, {
      onEvent: ({ object }) => {
        const service = object.metadata.labels?.[SERVICE_LABEL]
        if (service !== undefined) controller.enqueue(`${object.metadata.namespace}/${service}`)
      },
    }),
  ]
  proxy.prune().catch((error: unknown) => options.log.warn('old Services were not forgotten', { error: String(error) }))
  controller.start()
  return {
    variables: (pod) => proxy.variables(pod),
    hostsFile: (namespace) => proxy.hosts.file(namespace),
    async stop() {
      for (const stop of stops) stop()
      await controller.stop(1_000)
      proxy.close()
    },
  }
}

class Router {
  readonly hosts: HostsFiles
  readonly #api: LocalApi
  readonly #ports: PortAllocator
  readonly #apiAccess: ApiAccess | null
  readonly #book: AddressBook
  readonly #entries = new Map<string, Entry>()
  readonly #running = new Map<string, Promise<void>>()

  constructor(options: { api: LocalApi; dir: string; ports: PortAllocator; apiAccess: ApiAccess | null }) {
    this.#api = options.api
    this.#ports = options.ports
    this.#apiAccess = options.apiAccess
    this.#book = new AddressBook(join(options.dir, 'services.json'), options.dir)
    this.hosts = new HostsFiles(join(options.dir, 'hosts'))
  }

  async variables(pod: Pod): Promise<Record<string, string>> {
    const namespace = pod.metadata.namespace ?? ''
    const variables = kubernetesVariables(this.#apiAccess)
    if (pod.spec.enableServiceLinks === false) return variables
    const { items } = await this.#api.list<Service>(Services, { namespace })
    for (const service of items) {
      const { name } = service.metadata
      await this.reconcile(`${namespace}/${name}`)
      const entry = this.#entries.get(`${namespace}/${name}`)
      if (entry === undefined || service.spec.clusterIP === 'None') continue
      Object.assign(variables, serviceVariables(service, entry))
    }
    return variables
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
    const wanted = served === null ? [] : [key, ...pods.map((pod) => `${key}/${pod}`)]
    for (const known of [...this.#entries.keys()]) {
      if ((known === key || known.startsWith(`${key}/`)) && !wanted.includes(known)) this.#drop(known)
    }
    for (const each of wanted) await this.#serve(each, served?.spec.ports ?? [])
    const address = this.#entries.get(key)?.address
    const names = pods.flatMap((pod) => {
      const own = this.#entries.get(`${key}/${pod}`)
      return own === undefined ? [] : [{ name: `${pod}.${name}`, address: own.address }]
    })
    this.hosts.set(key, namespace, address === undefined ? [] : [{ name, address }, ...names])
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
    for (let attempt = 0; attempt < MOST_ADDRESSES; attempt += 1) {
      if (entry.address === '' || attempt > 0) entry.address = this.#book.propose(key, attempt)
      if (first === undefined) return entry
      try {
        await this.#listenOn(key, entry, first, entry.address, first.port)
        delete entry.ports[String(first.port)]
        return entry
      } catch (error) {
        if (codeOf(error) !== 'EADDRINUSE') break
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
        if (!['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL'].includes(codeOf(error))) throw error
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
    const listener = await listenAt(address, at, () => targetsOf(this.#api, { namespace, name }, port, pod))
    entry.listeners.set(signature(port), listener)
  }

  #drop(key: string): void {
    for (const listener of this.#entries.get(key)?.listeners.values() ?? []) listener.close()
    this.#entries.delete(key)
    this.#ports.release(`service ${key}`)
    this.#book.delete(key)
  }

  close(): void {
    for (const entry of this.#entries.values()) for (const listener of entry.listeners.values()) listener.close()
    this.#entries.clear()
  }
}

const signature = (port: ServicePort) => `${port.port} ${port.name ?? ''}`
const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '')
