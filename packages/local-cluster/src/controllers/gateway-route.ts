import type { BackendRef, Gateway, HttpRoute, ParentRef } from '../ingress/objects.ts'
import { attach, gatewayKeyOf } from '../ingress/route-parents.ts'
import { unsupported } from '../ingress/route-rules.ts'
import type { KubernetesObject } from '../types/objects.ts'
import { Namespaces, Services } from '../types/resources.ts'
import { same } from '../types/same.ts'
import type { Service } from '../types/service.ts'
import { GATEWAY_CONTROLLER, type Saying, say, statusOf, writeStatus } from './gateway-objects.ts'
import type { ControllerContext } from './kind-controller.ts'

/** Says of a route what became of it at each of these Gateways. Reference: RouteStatus of the Gateway API. */
export async function writeRoute(context: ControllerContext, route: HttpRoute, gateways: ReadonlyMap<string, Gateway>) {
  const known = statusOf(route).parents ?? []
  const refs = await resolveRefs(context, route)
  const missing = unsupported(route)
  const labels = await namespaceLabels(context, route)
  const parents = (route.spec.parentRefs ?? []).flatMap((parentRef) => {
    const gateway = gateways.get(gatewayKeyOf(route, parentRef) ?? '')
    if (gateway === undefined) return []
    const { refused } = attach(route, parentRef, gateway, () => labels)
    const before = known.find((each) => isOf(each, parentRef))?.conditions ?? []
    const accepted: Saying =
      refused !== null
        ? ['Accepted', refused, refusals[refused]]
        : missing === null
          ? ['Accepted']
          : ['Accepted', 'UnsupportedValue', missing]
    const conditions = say(context, route, before, [accepted, refs])
    const observedGeneration = route.metadata.generation ?? 0
    return [
      {
        parentRef,
        controllerName: GATEWAY_CONTROLLER,
        conditions: conditions.map((condition) => ({ ...condition, observedGeneration })),
      },
    ]
  })
  const others = known.filter(({ controllerName }) => controllerName !== GATEWAY_CONTROLLER)
  if (parents.length + known.length > 0) await writeStatus(context, route, { parents: [...others, ...parents] })
}

const isOf = (status: { controllerName: string; parentRef: ParentRef }, parentRef: ParentRef) =>
  status.controllerName === GATEWAY_CONTROLLER && same(status.parentRef, parentRef)

const refusals = {
  NoMatchingParent: 'The Gateway has no listener of this name and port',
  NotAllowedByListeners: 'No listener of the Gateway takes routes of this kind from this namespace',
  NoMatchingListenerHostname: "None of the route's host names is one of a listener",
}

async function namespaceLabels({ api }: ControllerContext, { metadata: { namespace = '' } }: HttpRoute) {
  return (await api.get<KubernetesObject>(Namespaces, { name: namespace }))?.metadata.labels
}

/** Everything that the route's requests are sent to. */
export function backendsOf({ spec: { rules = [] } }: HttpRoute): BackendRef[] {
  return rules.flatMap(({ backendRefs = [] }) => backendRefs)
}

async function resolveRefs({ api }: ControllerContext, route: HttpRoute): Promise<Saying> {
  const { namespace = '' } = route.metadata
  const refs = backendsOf(route)
  const foreign = refs.find(({ group = '', kind = 'Service' }) => group !== '' || kind !== 'Service')
  if (foreign !== undefined) {
    return ['ResolvedRefs', 'InvalidKind', `Backends of kind ${foreign.kind} are not supported: ${foreign.name}`]
  }
  const distant = refs.find((ref) => (ref.namespace ?? namespace) !== namespace)
  if (distant !== undefined) {
    const message = `Service ${distant.namespace}/${distant.name} is not granted to this namespace`
    return ['ResolvedRefs', 'RefNotPermitted', message]
  }
  const services = new Map<string, Service | null>()
  for (const name of new Set(refs.map((ref) => ref.name)))
    services.set(name, await api.get(Services, { namespace, name }))
  const missing = [...services].filter(([, service]) => service === null).map(([name]) => name)
  if (missing.length > 0) return ['ResolvedRefs', 'BackendNotFound', `Service ${missing.join(', ')} not found`]
  const closed = refs.find(
    ({ name, port }) => services.get(name)?.spec.ports?.every((each) => each.port !== port) ?? true,
  )
  if (closed === undefined) return ['ResolvedRefs']
  return ['ResolvedRefs', 'BackendNotFound', `Service ${closed.name} has no port ${closed.port}`]
}
