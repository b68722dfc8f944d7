import type { EndpointAddress, EndpointSubset } from './objects.ts'

export const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity'
/** Addresses of one Endpoints object. Reference: maxCapacity of pkg/controller/endpoint. */
const MOST_ADDRESSES = 1_000

/** The subsets with as many addresses as one object may have, those that are ready first. Reference: truncateEndpoints. */
export function withinCapacity(subsets: readonly EndpointSubset[]): { subsets: EndpointSubset[]; truncated: boolean } {
  const count = (list: 'addresses' | 'notReadyAddresses') =>
    subsets.reduce((total, subset) => total + (subset[list]?.length ?? 0), 0)
  const ready = count('addresses')
  if (ready + count('notReadyAddresses') <= MOST_ADDRESSES) return { subsets: [...subsets], truncated: false }
  let readyRoom = MOST_ADDRESSES
  let otherRoom = Math.max(0, MOST_ADDRESSES - ready)
  const kept = subsets.map(({ addresses = [], notReadyAddresses = [], ...subset }) => {
    const [first, second] = [addresses.slice(0, readyRoom), notReadyAddresses.slice(0, otherRoom)]
    readyRoom -= first.length
    otherRoom -= second.length
    return { ...listOf('addresses', first), ...listOf('notReadyAddresses', second), ...subset }
  })
  return { subsets: kept.filter((subset) => 'addresses' in subset || 'notReadyAddresses' in subset), truncated: true }
}

function listOf(name: 'addresses' | 'notReadyAddresses', addresses: EndpointAddress[]): EndpointSubset {
  return addresses.length === 0 ? {} : { [name]: addresses }
}
