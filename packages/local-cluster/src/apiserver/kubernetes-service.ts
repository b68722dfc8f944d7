import type { LocalApi } from '../types/client.ts'
import { Services } from '../types/resources.ts'
import { KUBERNETES_IP } from './core/cluster-ips.ts'
import type { ApiServer } from './server.ts'

const name = 'kubernetes'
const namespace = 'default'
const address = '127.0.0.1'

/**
 * The Service `kubernetes` by which pods reach the API, made again when somebody deletes it.
 * Reference: pkg/controlplane/controller/kubernetesservice of k8s.io/kubernetes.
 */
export async function startKubernetesService(
  api: ApiServer,
  onError: (error: unknown) => void,
): Promise<{ stop(): void }> {
  const client = api.localApi('kube-apiserver')
  await provide(client, api.port)
  const stop = api.core.store.subscribe(Services, ({ type, object: { metadata } }) => {
    if (type !== 'DELETED' || metadata.namespace !== namespace || metadata.name !== name) return
    provide(client, api.port).catch(onError)
  })
  return { stop }
}

async function provide(api: LocalApi, port: number): Promise<void> {
  if ((await api.get(Services, { namespace, name })) === null) {
    await api.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, labels: { component: 'apiserver', provider: 'kubernetes' } },
      ...{
        spec: {
          clusterIP: KUBERNETES_IP,
          ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }],
          sessionAffinity: 'None',
          type: 'ClusterIP',
        },
      },
    })
  }
  // The API may have another port than at the last start.
  await api.apply(
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
      ...{
        addressType: 'IPv4',
        endpoints: [{ addresses: [address], conditions: { ready: true } }],
        ports: [{ name: 'https', port, protocol: 'TCP' }],
      },
    },
    { force: true },
  )
}
