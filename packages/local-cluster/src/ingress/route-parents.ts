import { selects } from '../types/selectors.ts'
import type { Gateway, HttpRoute, Listener, ParentRef } from './objects.ts'

const GATEWAY_GROUP = 'gateway.networking.k8s.io'

/** Why a route does not belong to a parent. Reference: RouteConditionReason of the Gateway API. */
export type RefusedReason = 'NoMatchingParent' | 'NotAllowedByListeners' | 'NoMatchingListenerHostname'

export interface Attachment {
  /** Hosts of the route, by the listener. */
  hosts: string[]
  listeners: Listener[]
  refused: RefusedReason | null
}

/** `namespace/name` of the Gateway that a parent names; null for other kinds. */
export function gatewayKeyOf(route: HttpRoute, { group = GATEWAY_GROUP, kind = 'Gateway', ...parent }: ParentRef) {
  if (group !== GATEWAY_GROUP || kind !== 'Gateway') return null
  return `${parent.namespace ?? route.metadata.namespace ?? ''}/${parent.name}`
}

/** Labels of a namespace, for listeners that choose namespaces by them. */
export type NamespaceLabels = (namespace: string) => Readonly<Record<string, string>> | undefined

/** Which listeners of the Gateway take the route, and for which hosts. */
export function attach(route: HttpRoute, parent: ParentRef, gateway: Gateway, labelsOf: NamespaceLabels): Attachment {
  const named = gateway.spec.listeners.filter(
    ({ name, port }) =>
      (parent.sectionName === undefined || parent.sectionName === name) &&
      (parent.port === undefined || parent.port === port),
  )
  const none = (refused: RefusedReason): Attachment => ({ hosts: [], listeners: [], refused })
  if (named.length === 0) return none('NoMatchingParent')
  const open = named.filter((listener) => allows(listener, route, gateway, labelsOf))
  if (open.length === 0) return none('NotAllowedByListeners')
  const taken = open
    .map((listener) => ({ listener, hosts: commonHosts(route.spec.hostnames ?? [], listener.hostname) }))
    .filter(({ hosts }) => hosts.length > 0)
  if (taken.length === 0) return none('NoMatchingListenerHostname')
  const hosts = [...new Set(taken.flatMap((each) => each.hosts))]
  return { hosts, listeners: taken.map(({ listener }) => listener), refused: null }
}

/** True where the listener takes HTTPRoutes at all. */
export function takesHttpRoutes({ protocol, allowedRoutes }: Listener): boolean {
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') return false
  const kinds = allowedRoutes?.kinds ?? []
  return kinds.length === 0 || kinds.some(isHttpRoute)
}

export const isHttpRoute = ({ group = GATEWAY_GROUP, kind }: { group?: string; kind: string }) =>
  group === GATEWAY_GROUP && kind === 'HTTPRoute'

function allows(listener: Listener, route: HttpRoute, gateway: Gateway, labelsOf: NamespaceLabels): boolean {
  if (!takesHttpRoutes(listener)) return false
  const { namespace = '' } = route.metadata
  const { from = 'Same', selector } = listener.allowedRoutes?.namespaces ?? {}
  if (from === 'All') return true
  if (from === 'Same') return namespace === gateway.metadata.namespace
  return selector !== undefined && selects(selector, labelsOf(namespace))
}

/** Hosts that both the route and the listener name. */
function commonHosts(names: readonly string[], listener: string | undefined): string[] {
  if (listener === undefined) return names.length === 0 ? [''] : [...names]
  if (names.length === 0) return [listener]
  const under = (name: string, pattern: string) =>
    name === pattern || (pattern.startsWith('*.') && name.endsWith(pattern.slice(1)))
  return names.flatMap((name) => (under(name, listener) ? [name] : under(listener, name) ? [listener] : []))
}
