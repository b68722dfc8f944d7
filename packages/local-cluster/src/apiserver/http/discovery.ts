import { createHash } from 'node:crypto'
import { groupOf, versionOf } from '../../types/resources.ts'
import type { KindRules } from '../core/strategy.ts'
import { metricsGroup } from './metrics.ts'

/** The Kubernetes version whose behaviour this server follows. */
const gitVersion = 'v1.36.2'

const versionInfo = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion,
  gitCommit: '0000000',
  gitTreeState: 'clean',
  buildDate: '2026-08-01T00:00:00Z',
  goVersion: 'go1.26.10',
  compiler: 'gc',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
}

interface ApiResource {
  name: string
  singularName: string
  namespaced: boolean
  group?: string
  version?: string
  kind: string
  verbs: string[]
  shortNames?: string[]
  categories?: string[]
  storageVersionHash?: string
}

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
const subresourceVerbs = ['get', 'patch', 'update']

function resourcesOf(strategy: KindRules): ApiResource[] {
  const { type } = strategy
  const { plural, kind, namespaced } = type
  const out: ApiResource[] = [
    {
      name: plural,
      singularName: kind.toLowerCase(),
      namespaced,
      kind,
      verbs: kind === 'Namespace' ? verbs.filter((verb) => verb !== 'deletecollection') : verbs,
      ...(strategy.shortNames === undefined ? {} : { shortNames: strategy.shortNames }),
      ...(strategy.categories === undefined ? {} : { categories: strategy.categories }),
      storageVersionHash: createHash('sha256')
        .update(`${type.apiVersion}/${kind}`)
        .digest()
        .subarray(0, 8)
        .toString('base64'),
    },
  ]
  const sub = (name: string, about: Partial<ApiResource>) =>
    out.push({ name: `${plural}/${name}`, singularName: '', namespaced, kind, verbs: subresourceVerbs, ...about })
  if (kind === 'Namespace') sub('finalize', { verbs: ['update'] })
  if (kind === 'Pod') {
    sub('attach', { kind: 'PodAttachOptions', verbs: ['create', 'get'] })
    sub('exec', { kind: 'PodExecOptions', verbs: ['create', 'get'] })
    sub('log', { verbs: ['get'] })
  }
  if (strategy.hasScale) sub('scale', { group: 'autoscaling', version: 'v1', kind: 'Scale' })
  if (strategy.hasStatus) sub('status', {})
  return out
}

/** True for a part that the kind has, whatever may be done with it. */
export function hasSubresource(strategy: KindRules, name: string): boolean {
  return resourcesOf(strategy).some((resource) => resource.name === `${strategy.type.plural}/${name}`)
}

/** Answers /version, /api, /apis and below; null for other paths. Reference: API concepts, "API discovery". */
export function discoveryDocument(
  kinds: readonly KindRules[],
  path: string,
  address: string,
  withMetrics = true,
): unknown {
  if (!isDiscoveryPath.test(path)) return null
  const groups = Map.groupBy(kinds, ({ type }) => groupOf(type))
  if (path === '/version') return versionInfo
  const byClient = [{ clientCIDR: '0.0.0.0/0', serverAddress: address }]
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: byClient }
  if (path === '/apis') {
    const stored = [...groups].filter(([group]) => group !== '').map(([group, list]) => groupEntry(group, list))
    const named = stored.sort((a, b) => placeOf(a.name) - placeOf(b.name))
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: [...named, ...(withMetrics ? [metricsGroup] : [])] }
  }
  const group = /^\/apis\/([^/]+)$/.exec(path)?.[1]
  const known = group === undefined ? undefined : groups.get(group)
  if (group !== undefined && known !== undefined) {
    return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group, known) }
  }
  const version = /^\/(?:api|apis)\/(.+)$/.exec(path)?.[1]
  const core = path.startsWith('/api/')
  const served = kinds.filter(({ type }) => type.apiVersion === version && core === (groupOf(type) === ''))
  if (version === undefined || served.length === 0) return null
  const resources = served.flatMap(resourcesOf).sort((a, b) => (a.name < b.name ? -1 : 1))
  return { kind: 'APIResourceList', ...(core ? {} : { apiVersion: 'v1' }), groupVersion: version, resources }
}

const isDiscoveryPath = /^\/(?:version|apis?|api\/[^/]+|apis\/[^/]+(?:\/[^/]+)?)$/

/** The order in which the real server names its groups: by priority, as kube-aggregator's. */
const groupOrder = [
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
]

/** Place of a group in the list; groups that Kubernetes does not have of itself come last. */
function placeOf(group: string): number {
  const place = groupOrder.indexOf(group)
  return place < 0 ? groupOrder.length : place
}

function groupEntry(name: string, kinds: KindRules[]) {
  const versions = [...new Set(kinds.map(({ type }) => type.apiVersion))].map((groupVersion) => ({
    groupVersion,
    version: versionOf({ apiVersion: groupVersion }),
  }))
  return { name, versions, preferredVersion: versions[0] }
}
