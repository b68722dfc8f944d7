import { same } from '../types/same.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../types/service.ts'
import { portsKey } from './service-endpoints.ts'

/** Endpoints of one slice. Reference: --max-endpoints-per-slice of kube-controller-manager. */
const MOST_ENDPOINTS = 100

/** Endpoints that have their ports in common, and the key of those. */
export interface WantedEndpoints {
  key: string
  ports: EndpointPort[]
  endpoints: Endpoint[]
}

type FilledSlice = EndpointSlice & { endpoints: Endpoint[] }

export interface SlicePlan {
  /** Null: a Service without pods has one slice that says so. */
  created: { endpoints: Endpoint[] | null; ports: EndpointPort[] | null }[]
  updated: EndpointSlice[]
  deleted: EndpointSlice[]
}

/**
 * What to write so that slices hold the wanted endpoints, with as few writes as Kubernetes makes: endpoints stay where they are, new
 * ones fill slices that are written anyway, then one that has room for all of them, then new slices.
 * Reference: reconcileByAddressType and reconcileByPortMapping of k8s.io/endpointslice.
 */
export function planSlices(
  slices: readonly EndpointSlice[],
  wanted: readonly WantedEndpoints[],
  labels: Readonly<Record<string, string>>,
): SlicePlan {
  const plan: SlicePlan = { created: [], updated: [], deleted: [] }
  const byPorts = Map.groupBy(slices, (slice) => portsKey(slice.ports ?? []))
  const groups = wanted.length === 0 ? [] : wanted
  for (const group of groups) {
    planGroup(plan, byPorts.get(group.key) ?? [], group, labels)
    byPorts.delete(group.key)
  }
  const rest = [...byPorts.values()].flat()
  // Slices without use take the place of new ones; one is left for a Service without pods.
  for (const slice of rest) {
    const next = plan.created.shift()
    if (next !== undefined) plan.updated.push({ ...slice, endpoints: next.endpoints ?? [], ports: next.ports ?? [] })
    else if (groups.length === 0 && slice === rest[0]) keepEmpty(plan, slice, labels)
    else plan.deleted.push(slice)
  }
  if (groups.length === 0 && rest.length === 0) plan.created.push({ endpoints: null, ports: null })
  return plan
}

function keepEmpty(plan: SlicePlan, slice: EndpointSlice, labels: Readonly<Record<string, string>>): void {
  const empty = (slice.endpoints ?? []).length === 0 && (slice.ports ?? []).length === 0
  if (!empty || !same(slice.metadata.labels, labels)) plan.updated.push({ ...slice, endpoints: [], ports: [] })
}

function planGroup(
  plan: SlicePlan,
  slices: readonly EndpointSlice[],
  { ports, endpoints }: WantedEndpoints,
  labels: Readonly<Record<string, string>>,
): void {
  const missing = new Map(endpoints.map((endpoint) => [identityOf(endpoint), endpoint]))
  const changed: FilledSlice[] = []
  const unchanged: FilledSlice[] = []
  for (const slice of slices) {
    const kept = (slice.endpoints ?? []).flatMap((present) => {
      const endpoint = missing.get(identityOf(present))
      missing.delete(identityOf(present))
      return endpoint ?? []
    })
    const isSame = same(slice.endpoints ?? [], kept) && same(slice.metadata.labels, labels)
    if (kept.length === 0) plan.deleted.push(slice)
    else if (isSame) unchanged.push({ ...slice, endpoints: kept })
    else changed.push({ ...slice, endpoints: kept })
  }
  fill(plan, { changed, unchanged, missing: [...missing.values()], ports })
}

function fill(
  plan: SlicePlan,
  group: { changed: FilledSlice[]; unchanged: FilledSlice[]; missing: Endpoint[]; ports: EndpointPort[] },
): void {
  let { missing } = group
  const take = (slice: FilledSlice): FilledSlice => {
    const room = MOST_ENDPOINTS - slice.endpoints.length
    const added = missing.slice(0, room)
    missing = missing.slice(room)
    return { ...slice, endpoints: [...slice.endpoints, ...added] }
  }
  plan.updated.push(...group.changed.map(take))
  const fullestFirst = group.unchanged.toSorted((a, b) => b.endpoints.length - a.endpoints.length)
  const fits = fullestFirst.find((slice) => slice.endpoints.length + missing.length <= MOST_ENDPOINTS)
  if (missing.length > 0 && missing.length < MOST_ENDPOINTS && fits !== undefined) plan.updated.push(take(fits))
  for (let at = 0; at < missing.length; at += MOST_ENDPOINTS) {
    const endpoints = missing.slice(at, at + MOST_ENDPOINTS)
    const empty = plan.deleted.pop()
    if (empty === undefined) plan.created.push({ endpoints, ports: group.ports })
    else plan.updated.push({ ...empty, endpoints, ports: group.ports })
  }
}

const identityOf = (endpoint: Endpoint) => `${endpoint.addresses.join()} ${endpoint.targetRef?.uid ?? ''}`
