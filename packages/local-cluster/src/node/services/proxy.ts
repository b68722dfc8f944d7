import { mkdirSync } from 'node:fs'
import { createController } from '@slipway/reconcile'
import type { LocalApi } from '../../types/client.ts'
import type { Pod } from '../../types/pod.ts'
import { EndpointSlices, Services } from '../../types/resources.ts'
import { SERVICE_LABEL } from '../../types/service.ts'
import type { Routes } from '../network/routes.ts'
import type { ApiAccess, NodeLog } from '../options.ts'
import type { PortAllocator } from '../ports.ts'
import { Router } from './router.ts'

/** Makes Services reachable for pods, as kube-proxy and the cluster's DNS do. */
export interface ServiceProxy {
  /** Variables that say where the Services of the pod's namespace are. Reference: kubelet_pods.go, getServiceEnvVarMap. */
  variables(pod: Pod): Promise<Record<string, string>>
  /** A hosts file for pods of the namespace, kept up to date. */
  hostsFile(namespace: string): string
  stop(): Promise<void>
}

/**
 * Listens for each port of a Service, and passes connections to its ready endpoints. Pods come to it by the Service's `clusterIP`
 * where connections can be routed; elsewhere each Service has a loopback address of its own. Where the machine has one loopback address only, or keeps low ports to root, a free port of 127.0.0.1 stands for the
 * Service's; the variables say which. UDP is not passed on.
 */
export function startServiceProxy(options: {
  api: LocalApi
  dir: string
  ports: PortAllocator
  apiAccess: ApiAccess | null
  /** Where pods have addresses of their own: pods reach Services at their `clusterIP`. */
  routes: Routes | null
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
