/**
 * The API server. A request is authenticated, authorized by RBAC, admitted, validated and written to the store within one turn of
 * the event loop; watches pass it on after the commit. Housekeeping (garbage collection, namespaces, quota status, default
 * accounts) reconciles keys beside it. Safety net: an answer waits for the commit, housekeeping begins with every object that
 * exists, and a watcher that falls behind is cut off and resumes from the version that it has seen.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ObjectStore } from '../store/store.ts'
import type { KubeletEndpoints, LocalApi } from '../types/client.ts'
import { hasCode } from '../types/system-error.ts'
import { admissionPlugins } from './admission/plugins.ts'
import { ApiCore } from './core/core.ts'
import type { PortRange } from './core/node-ports.ts'
import { startHousekeeping } from './housekeeping/index.ts'
import type { AccessDecision } from './http/auth.ts'
import { type ApiHandler, createApiHandler } from './http/server.ts'
import { ServiceAccountTokens } from './http/tokens.ts'
import type { WatchLimits } from './http/watch.ts'
import { createLocalApi } from './local-api.ts'
import { apiAddresses, apiHosts, loadIdentity } from './tls/certificate.ts'
import { createDualServer, type DualServer } from './tls/dual-server.ts'

/** Where the API listens: this machine only. */
const listenHost = '127.0.0.1'

export interface ApiServerOptions {
  /** Directory of the objects' database. */
  dir: string
  /** 0 takes a free port. */
  port: number
  /** Bearer token of the administrator, who may do everything. */
  token: string
  /** Told of every request that was allowed or refused. */
  onDecision?: (decision: AccessDecision) => void
  /** Asked first for every request, e.g. the image registry; true when it has answered. */
  mount?: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>
  onInternalError(error: unknown, request: string): void
  watchLimits?: Partial<WatchLimits>
  /** False: metrics.k8s.io is not served. */
  metrics?: boolean
  /** Ports of the node that Services are given; 30000 to 32767 as Kubernetes' own. */
  nodePorts?: PortRange
  /** Events kept per resource for watches to resume from. */
  historyLimit?: number
}

export interface ApiServer {
  /** `https://127.0.0.1:PORT`, under a certificate of its own authority. */
  url: string
  /** The same port without TLS. */
  plainUrl: string
  /** PEM to trust. */
  certificateAuthority: string
  port: number
  core: ApiCore
  /** The API in process, for a component that writes under this field manager. */
  localApi(fieldManager: string): LocalApi
  accounts: ServiceAccountTokens
  /** Connects the node agent, for logs and exec. */
  setKubelet(kubelet: KubeletEndpoints | null): void
  counters: ApiHandler['counters']
  /** Ends every connection and closes the database. */
  stop(): Promise<void>
}

/**
 * Starts the API server with its housekeeping (garbage collection, namespaces, quota status, service accounts).
 * @throws StateDirectoryError for a directory that is in use or cannot be written.
 * @throws Error with a sentence for a port that is taken.
 */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const store = new ObjectStore({
    directory: options.dir,
    ...(options.historyLimit === undefined ? {} : { historyLimit: options.historyLimit }),
  })
  const core = new ApiCore(store, admissionPlugins(store), { nodePorts: options.nodePorts })
  const accounts = new ServiceAccountTokens(core, options.token)
  let kubelet: KubeletEndpoints | null = null
  let address = ''
  const handler = createApiHandler({
    core,
    token: options.token,
    accounts,
    onDecision: options.onDecision,
    kubelet: () => kubelet,
    address: () => address,
    onInternalError: options.onInternalError,
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
    ...(options.watchLimits === undefined ? {} : { watchLimits: options.watchLimits }),
  })
  const identity = await loadIdentity(options.dir)
  const server = createDualServer(
    identity,
    (request, response) => accept(options, handler, request, response),
    (request, socket, head) => {
      if (isLocalHost(request)) handler.upgrade(request, socket, head)
      else socket.destroy()
    },
  )
  const port = await listen(server, options.port).catch((error: unknown) => {
    store.close()
    throw error
  })
  address = `${listenHost}:${port}`
  const housekeeping = startHousekeeping(core, options.onInternalError)
  store.beginHistory()
  return {
    url: `https://${address}`,
    plainUrl: `http://${address}`,
    certificateAuthority: identity.certificate,
    port,
    core,
    accounts,
    localApi: (fieldManager) => createLocalApi(core, fieldManager),
    setKubelet: (endpoints) => {
      kubelet = endpoints
    },
    counters: handler.counters,
    async stop() {
      housekeeping.stop()
      handler.close()
      await server.close()
      store.close()
    },
  }
}

function accept(
  options: ApiServerOptions,
  handler: ApiHandler,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (!isLocalHost(request)) {
    response.writeHead(421, { 'content-type': 'text/plain', connection: 'close' })
    response.end('This server answers to 127.0.0.1 and localhost only.\n')
    return
  }
  if (options.mount === undefined) {
    handler.handle(request, response)
    return
  }
  options.mount(request, response).then(
    (answered) => {
      if (!answered) handler.handle(request, response)
    },
    (error: unknown) => {
      options.onInternalError(error, `${request.method ?? ''} ${request.url ?? ''}`)
      response.destroy()
    },
  )
}

const localNames = new Set([...apiHosts, ...apiAddresses, '[::1]', 'registry.slipway.internal'])

/** A web page of another name that was pointed at this machine may not speak here. */
function isLocalHost(request: IncomingMessage): boolean {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
  return localNames.has(host)
}

async function listen(server: DualServer, port: number): Promise<number> {
  try {
    return await server.listen(port, listenHost)
  } catch (error) {
    if (!hasCode(error, 'EADDRINUSE')) throw error
    throw new Error(`Port ${port} on ${listenHost} is taken by another program. Stop it, or choose another port.`)
  }
}
