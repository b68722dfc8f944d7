import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { asJson } from './apiserver/core/decode-body.ts'
import type { AccessDecision } from './apiserver/http/auth.ts'
import { startKubernetesService } from './apiserver/kubernetes-service.ts'
import { startMemoryUpkeep } from './apiserver/memory-upkeep.ts'
import { providePlatformAccess } from './apiserver/platform-access.ts'
import { type ApiServer, startApiServer } from './apiserver/server.ts'
import { type RunningControllers, startControllers } from './controllers/index.ts'
import { INGRESS_CLASS, provideIngressClass } from './controllers/ingress-class.ts'
import { provideStorageClass } from './controllers/storage-class.ts'
import { readBuilderEnv, readHostPath } from './env.ts'
import { type IngressProxy, type IngressStats, startIngress } from './ingress/index.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import { type NodeAgent, type NodeOptions, type NodeStats, startNode } from './node/index.ts'
import { createImageStore, type ImageStore } from './registry/images/index.ts'
import { createRegistry, type Registry, type RegistryTokens } from './registry/index.ts'
import { startStorageUpkeep } from './storage-upkeep.ts'
import type { ObjectKey } from './types/client.ts'
import { optionalObject, stringOf } from './types/json.ts'
import type { KubernetesObject } from './types/objects.ts'

/** Messages of the cluster about itself. */
export interface ClusterLog {
  info(message: string, details?: Record<string, unknown>): void
  warn(message: string, details?: Record<string, unknown>): void
  error(message: string, details?: Record<string, unknown>): void
}

export interface LocalClusterOptions {
  /** Objects, images, pods' directories and the kubeconfig live here. One cluster at a time uses it. */
  stateDir: string
  /** Port of the API and the image registry; 0 takes a free one. */
  apiPort: number
  /** 0 takes a free port. */
  ingressPort: number
  /** Where the ingress sends requests for hosts without an Ingress. */
  defaultBackendUrl?: string
  /** Bearer token of the administrator, who may do everything; a random one where it is absent. */
  token?: string
  /** Path of a YAML file of a ServiceAccount, its role and their binding. They are applied, and the account gets a kubeconfig. */
  platformAccess?: string
  /** Told of every request that was allowed or refused. */
  onDecision?: (decision: AccessDecision) => void
  /**
   * `process` (default) runs pods as processes of this machine; `simulated` lets them go through their life without any, for
   * load tests; `none` runs no pods at all (they stay Pending).
   */
  runtime?: 'process' | 'simulated' | 'none'
  /** How quickly simulated pods live: 1 as ordinary ones, 10 ten times as quick. Default: 1. */
  simulationSpeed?: number
  /** False leaves the cluster without a StorageClass, as one that has no provisioner. Default: `standard` makes directories. */
  storageClass?: boolean
  /** False leaves the cluster without metrics, as one without metrics-server. Default: what pods use is measured. */
  metrics?: boolean
  /** Who opens the image registry; without it everybody on this machine may read and write it. */
  registryTokens?: RegistryTokens
  /** Settings of the node agent, for tests. */
  node?: Partial<Omit<NodeOptions, 'api' | 'dir' | 'images'>>
  log?: ClusterLog
}

export interface LocalClusterStats {
  api: ApiServer['counters']
  controllers: ReturnType<RunningControllers['stats']>
  node: NodeStats | null
  ingress: IngressStats
}

export interface LocalCluster {
  /** `https://127.0.0.1:PORT`; the certificate is in the kubeconfig. */
  apiUrl: string
  token: string
  /** A kubeconfig for kubectl and client libraries, readable by its owner only. */
  kubeconfigPath: string
  /** The same with the rights of `platformAccess` only. */
  platformKubeconfigPath: string
  /** `http://127.0.0.1:PORT` of the image registry. */
  registryUrl: string
  ingressUrl: string
  stats(): LocalClusterStats
  /**
   * Stops the cluster; its objects stay. With `stopPods` (the default) pods are ended as on a shutdown of their node and start
   * again with the next start; without it their processes go on and are adopted by the next start.
   */
  stop(options?: { stopPods?: boolean }): Promise<void>
}

/** Names by which image references mean the embedded registry. */
const registryHost = 'registry.slipway.internal'
const quiet: ClusterLog = { info: () => undefined, warn: () => undefined, error: () => undefined }

/**
 * Starts the embedded one-node cluster: the Kubernetes API, controllers, image registry, node agent and ingress, on 127.0.0.1 only.
 * @throws Error with a sentence where the state directory is in use or a port is taken.
 */
export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const log = options.log ?? quiet
  const token = options.token ?? randomBytes(24).toString('base64url')
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 })
  const started: (() => Promise<void>)[] = []
  const stopAll = async () => {
    for (const stop of started.splice(0).reverse()) await stop()
  }
  try {
    const { registryTokens: tokens } = options
    const registry = await createRegistry({ dir: join(options.stateDir, 'registry'), ...(tokens ? { tokens } : {}) })
    const api = await startApi(options, token, registry, log)
    started.push(() => api.stop())
    const images = await openImages(options, registry, api)
    const upkeep = startStorageUpkeep({ registry, images, core: api.core, log })
    started.push(async () => upkeep.stop())
    const memory = startMemoryUpkeep(api.core.store)
    started.push(async () => memory.stop())
    const service = await startKubernetesService(api, (error) =>
      log.warn('The Service of the API could not be made again', { error: String(error) }),
    )
    started.push(async () => service.stop())
    await provideIngressClass(api.localApi('slipway'))
    if (options.storageClass !== false) await provideStorageClass(api.localApi('slipway'))
    const controllers = startControllers(api.localApi('kube-controller-manager'), {
      volumesDir: join(options.stateDir, 'volumes'),
      onError: (controller, error, key) =>
        log.warn('A controller will try again', { controller, key, error: String(error) }),
    })
    started.push(() => controllers.stop())
    const node = await startPods(options, api, images, log)
    let stopPods = true
    if (node !== null) started.push(() => node.stop({ stopPods }))
    const ingress = await startEdge(options, api, log)
    started.push(() => ingress.stop())
    const { url: server, certificateAuthority } = api
    const kubeconfigPath = join(options.stateDir, 'kubeconfig')
    writeKubeconfig(kubeconfigPath, { server, certificateAuthority, token })
    const platformKubeconfigPath = join(options.stateDir, 'platform.kubeconfig')
    if (options.platformAccess !== undefined) {
      const account = await providePlatformAccess(api.localApi('slipway'), options.platformAccess)
      const content = { server, certificateAuthority, token: await api.accounts.issue(account) }
      writeKubeconfig(platformKubeconfigPath, content)
    }
    return {
      apiUrl: api.url,
      token,
      kubeconfigPath,
      platformKubeconfigPath,
      registryUrl: api.plainUrl,
      ingressUrl: ingress.url,
      stats: () => ({
        api: api.counters,
        controllers: controllers.stats(),
        node: node?.stats() ?? null,
        ingress: ingress.stats(),
      }),
      async stop(how = {}) {
        stopPods = how.stopPods ?? true
        await stopAll()
      },
    }
  } catch (error) {
    await stopAll()
    throw error
  }
}

function startApi(
  options: LocalClusterOptions,
  token: string,
  registry: Registry,
  log: ClusterLog,
): Promise<ApiServer> {
  return startApiServer({
    dir: join(options.stateDir, 'objects'),
    port: options.apiPort,
    token,
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
    ...(options.onDecision === undefined ? {} : { onDecision: options.onDecision }),
    mount: (request, response) => registry.handle(request, response),
    onInternalError: (error, request) => log.error('The API failed', { request, error: describe(error) }),
  })
}

function openImages(options: LocalClusterOptions, registry: Registry, api: ApiServer): Promise<ImageStore> {
  const address = `127.0.0.1:${api.port}`
  return createImageStore({
    dir: join(options.stateDir, 'images'),
    registry,
    hosts: [registryHost, address, `localhost:${api.port}`],
    ...(options.registryTokens === undefined ? {} : { guardedHost: address }),
    hostPath: readHostPath(),
  })
}

async function startPods(
  options: LocalClusterOptions,
  api: ApiServer,
  images: ImageStore,
  log: ClusterLog,
): Promise<NodeAgent | null> {
  if (options.runtime === 'none') return null
  const node = await startNode({
    api: api.localApi('kubelet'),
    dir: join(options.stateDir, 'node'),
    images,
    hostPath: readHostPath(),
    builderEnv: readBuilderEnv(),
    hiddenDirs: [options.stateDir],
    apiAccess: {
      port: api.port,
      caCertificate: api.certificateAuthority,
      tokenOf: (pod) => api.accounts.issue(accountOf(pod), pod),
    },
    log,
    ...(options.runtime === 'simulated' ? { simulation: { speed: options.simulationSpeed ?? 1 } } : {}),
    ...options.node,
  })
  api.setKubelet(node.kubelet)
  return node
}

function accountOf(pod: KubernetesObject): ObjectKey {
  const name = stringOf(optionalObject(asJson(pod), 'spec'), 'serviceAccountName')
  return { namespace: pod.metadata.namespace ?? '', name }
}

function startEdge(options: LocalClusterOptions, api: ApiServer, log: ClusterLog): Promise<IngressProxy> {
  return startIngress({
    api: api.localApi('ingress'),
    port: options.ingressPort,
    host: '127.0.0.1',
    ingressClass: INGRESS_CLASS,
    log,
    ...(options.defaultBackendUrl === undefined ? {} : { defaultBackendUrl: options.defaultBackendUrl }),
  })
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
