import type { RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { readPlainKubeconfig } from './plain-kubeconfig.ts'
import type { ServerCredentials } from './server-credentials.ts'

/**
 * Reads a kubeconfig file; without one, in-cluster credentials or the client's default places.
 * @throws Error that names the file and what is wrong with it.
 */
export async function loadCredentials(kubeconfigPath: string | null): Promise<ServerCredentials> {
  const plain = kubeconfigPath === null ? null : await readPlainKubeconfig(kubeconfigPath)
  if (plain !== null) return plain
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  try {
    if (kubeconfigPath === null) config.loadFromDefault()
    else config.loadFromFile(kubeconfigPath)
  } catch (error) {
    throw new Error(
      `the kubeconfig ${kubeconfigPath ?? ''} cannot be read: ${error instanceof Error ? error.message : error}`,
    )
  }
  const cluster = config.getCurrentCluster()
  if (cluster === null) {
    throw new Error(
      `the kubeconfig ${kubeconfigPath ?? ''} has no current context with a cluster. Run "kubectl config use-context".`,
    )
  }
  const authenticate = () => optionsOf(config, new KubeConfig())
  const options = await authenticate()
  return {
    server: cluster.server,
    proxyUrl: cluster.proxyUrl ?? null,
    tls: {
      ca: options.ca,
      cert: options.cert,
      key: options.key,
      rejectUnauthorized: options.rejectUnauthorized,
      servername: options.servername,
    },
    headers: async () => {
      const { headers, auth } = await authenticate()
      const basic: Record<string, string> = auth
        ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` }
        : {}
      return { ...basic, ...flatHeaders(headers) }
    },
  }
}

/** A kubeconfig's credentials as the client library works them out, without its agent for plain HTTP. */
async function optionsOf(config: KubeConfig, plain: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {}
  plain.clusters = config.clusters.map((cluster) => ({
    ...cluster,
    skipTLSVerify: cluster.skipTLSVerify || cluster.server.startsWith('http:'),
  }))
  plain.users = config.users
  plain.contexts = config.contexts
  plain.currentContext = config.currentContext
  await plain.applyToHTTPSOptions(options)
  return options
}

function flatHeaders(headers: RequestOptions['headers']): Record<string, string> {
  if (headers === undefined || Array.isArray(headers)) return {}
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
}
