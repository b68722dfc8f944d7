import type { ServerResponse } from 'node:http'
import type { ContainerUsage, KubeletEndpoints, NodeUsage, Usage } from '../../types/client.ts'
import { ApiError } from '../../types/errors.ts'
import type { KubernetesObject } from '../../types/objects.ts'
import { Nodes, Pods } from '../../types/resources.ts'
import { timestamp } from '../../types/times.ts'
import type { ApiCore } from '../core/core.ts'
import { parseLabelSelector } from '../selectors/label-selector.ts'
import { decode, NoSuchPath } from './request-info.ts'
import { sendJson } from './respond.ts'

const group = 'metrics.k8s.io'
const apiVersion = `${group}/v1beta1`
const root = `/apis/${apiVersion}`

/** metrics.k8s.io in the list of groups. */
export const metricsGroup = {
  name: group,
  versions: [{ groupVersion: apiVersion, version: 'v1beta1' }],
  preferredVersion: { groupVersion: apiVersion, version: 'v1beta1' },
}

/** Discovery of the group; null for other paths. */
export function metricsDiscovery(path: string): unknown {
  if (path === `/apis/${group}`) return { kind: 'APIGroup', apiVersion: 'v1', ...metricsGroup }
  if (path !== root) return null
  const resource = (name: string, kind: string, namespaced: boolean) => ({
    name,
    singularName: '',
    namespaced,
    kind,
    verbs: ['get', 'list'],
  })
  const resources = [resource('nodes', 'NodeMetrics', false), resource('pods', 'PodMetrics', true)]
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersion, resources }
}

export const isMetricsPath = (path: string) => path.startsWith(`${root}/`)

/**
 * What pods and nodes use, measured by the node. Reference: https://github.com/kubernetes/metrics, resource metrics API.
 * @throws ApiError 404 for pods of which nothing is known, 503 while there is no node.
 */
export async function serveMetrics(
  core: ApiCore,
  kubelet: KubeletEndpoints | null,
  url: URL,
  method: string,
  response: ServerResponse,
): Promise<void> {
  const asked = parse(url)
  if (method !== 'GET' && method !== 'HEAD') {
    throw new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
  }
  if (kubelet === null) throw new ApiError(503, 'ServiceUnavailable', 'no node runs that could be measured', {})
  const usage = await kubelet.usage()
  const found = asked.plural === 'nodes' ? nodeMetrics(core, usage) : podMetrics(core, usage, asked.namespace)
  if (asked.name !== undefined) {
    const named = found.find((item) => item.metadata.name === asked.name)
    if (named === undefined) {
      const what = asked.plural === 'nodes' ? 'nodemetrics' : 'podmetrics'
      const name = asked.namespace === undefined ? asked.name : `${asked.namespace}/${asked.name}`
      const details = { name, group, kind: what }
      throw new ApiError(404, 'NotFound', `${what}.${group} "${name}" not found`, details)
    }
    return sendJson(response, 200, named)
  }
  const selector = url.searchParams.get('labelSelector') ?? ''
  const matches = selector === '' ? () => true : parseLabelSelector(selector).matches
  const items = found.filter((item) => matches(item.metadata.labels))
  const kind = asked.plural === 'nodes' ? 'NodeMetricsList' : 'PodMetricsList'
  sendJson(response, 200, { kind, apiVersion, metadata: {}, items })
}

function parse(url: URL): { plural: 'nodes' | 'pods'; namespace?: string; name?: string } {
  const parts = url.pathname
    .slice(root.length + 1)
    .split('/')
    .filter((part) => part !== '')
    .map(decode)
  const [first, second, third, fourth, ...more] = parts
  if (more.length === 0 && first === 'namespaces' && second !== undefined && third === 'pods') {
    return { plural: 'pods', namespace: second, ...(fourth === undefined ? {} : { name: fourth }) }
  }
  if (third !== undefined || (first !== 'nodes' && first !== 'pods')) throw new NoSuchPath(url.pathname)
  if (first === 'pods' && second !== undefined) throw new NoSuchPath(url.pathname)
  return { plural: first, ...(second === undefined ? {} : { name: second }) }
}

function metadataOf({ metadata }: KubernetesObject, usage: NodeUsage) {
  const { name, namespace, labels } = metadata
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    creationTimestamp: timestamp(usage.timestampMs),
  }
}

function podMetrics(core: ApiCore, usage: NodeUsage, namespace: string | undefined) {
  return usage.pods.flatMap((pod) => {
    if (namespace !== undefined && pod.namespace !== namespace) return []
    const object = core.find(Pods, { namespace: pod.namespace, name: pod.name })
    if (object === null) return []
    const containers = pod.containers.map((container: ContainerUsage) => ({
      name: container.name,
      usage: quantities(container),
    }))
    return [{ kind: 'PodMetrics', apiVersion, metadata: metadataOf(object, usage), ...span(usage), containers }]
  })
}

function nodeMetrics(core: ApiCore, usage: NodeUsage) {
  const object = core.find(Nodes, { name: usage.nodeName })
  if (object === null) return []
  return [
    {
      kind: 'NodeMetrics',
      apiVersion,
      metadata: metadataOf(object, usage),
      ...span(usage),
      usage: quantities(usage.node),
    },
  ]
}

const span = ({ timestampMs, windowMs }: NodeUsage) => ({
  timestamp: timestamp(timestampMs),
  window: `${(windowMs / 1000).toFixed(3)}s`,
})
const quantities = ({ cpuNanoCores, memoryBytes }: Usage) => ({
  cpu: cpuNanoCores === 0 ? '0' : `${Math.round(cpuNanoCores)}n`,
  memory: `${Math.ceil(memoryBytes / 1024)}Ki`,
})
