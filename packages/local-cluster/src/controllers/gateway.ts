import type { Gateway, HttpRoute, Listener } from '../ingress/objects.ts'
import { attach, gatewayKeyOf, isHttpRoute, takesHttpRoutes } from '../ingress/route-parents.ts'
import type { KubernetesObject } from '../types/objects.ts'
import { References } from '../types/references.ts'
import { GatewayClasses, Gateways, HttpRoutes, Namespaces, Services } from '../types/resources.ts'
import { GATEWAY_CONTROLLER, type GatewayClass, type Saying, say, statusOf, writeStatus } from './gateway-objects.ts'
import { backendsOf, writeRoute } from './gateway-route.ts'
import { type ControllerContext, keyOf, parseKey, runController, type Watch } from './kind-controller.ts'

/**
 * Says of GatewayClasses, Gateways and HTTPRoutes what the ingress makes of them; the ingress itself reads the objects. Each is looked
 * at by itself: a change of one leads to those that it is about, and no list is made of all.
 */
export function runGateways(context: ControllerContext) {
  const links = { gateways: new References(), routes: new References(), services: new References() }
  const namespaces = new References()
  const reconcile = (key: string) => {
    const [kind, namespace = '', name = ''] = key.split('/')
    if (kind === 'class') return reconcileClass(context, name)
    if (kind === 'gateway') return reconcileGateway(context, { namespace, name }, links.routes)
    return reconcileRoute(context, { namespace, name })
  }
  const routeWatch: Watch['keys'] = (object, deleted, previous) => {
    const route = object as HttpRoute
    const key = keyOf(route)
    const parents = deleted ? [] : (route.spec.parentRefs ?? []).map((parent) => gatewayKeyOf(route, parent))
    const before = ((previous as HttpRoute | null)?.spec.parentRefs ?? []).map((parent) => gatewayKeyOf(route, parent))
    const { namespace = '' } = route.metadata
    links.routes.set(key, parents)
    links.services.set(key, deleted ? [] : backendsOf(route).map(({ name }) => `${namespace}/${name}`))
    namespaces.set(key, deleted ? [] : [namespace])
    if (!deleted && isStatusOnly(object, previous)) return [`route/${key}`]
    const own = (route.spec.parentRefs ?? []).map((parent) => gatewayKeyOf(route, parent))
    const gateways = [...new Set([...own, ...before])].filter((each) => each !== null)
    return [`route/${key}`, ...gateways.map((each) => `gateway/${each}`)]
  }
  return runController(context, {
    name: 'gateway',
    concurrency: 1,
    reconcile: async (key) => void (await reconcile(key)),
    watches: [
      { type: HttpRoutes, keys: routeWatch },
      {
        type: GatewayClasses,
        keys: ({ metadata: { name } }) => [
          `class//${name}`,
          ...links.gateways.of(name).flatMap((key) => [`gateway/${key}`, ...routesOf(links.routes, key)]),
        ],
      },
      {
        type: Gateways,
        keys: (object, deleted, previous) => {
          const key = keyOf(object)
          links.gateways.set(key, deleted ? [] : [(object as Gateway).spec.gatewayClassName])
          const own = [`gateway/${key}`]
          return !deleted && isStatusOnly(object, previous) ? own : [...own, ...routesOf(links.routes, key)]
        },
      },
      { type: Services, keys: (object) => links.services.of(keyOf(object)).map((key) => `route/${key}`) },
      {
        // Listeners may choose namespaces by their labels.
        type: Namespaces,
        keys: ({ metadata }, _deleted, previous) =>
          previous === null || previous.metadata.labels === metadata.labels
            ? []
            : namespaces.of(metadata.name).flatMap((key) => [`route/${key}`, ...gatewaysOf(links.routes, key)]),
      },
    ],
  })
}

const routesOf = (routes: References, gateway: string) => routes.of(gateway).map((key) => `route/${key}`)
const gatewaysOf = (routes: References, route: string) => routes.namedBy(route).map((key) => `gateway/${key}`)

const isStatusOnly = ({ metadata }: KubernetesObject, previous: KubernetesObject | null) =>
  previous !== null && previous.metadata.generation === metadata.generation && previous.metadata.uid === metadata.uid

async function reconcileClass(context: ControllerContext, name: string): Promise<void> {
  const found = await context.api.get<GatewayClass>(GatewayClasses, { name })
  if (found?.spec.controllerName !== GATEWAY_CONTROLLER) return
  await writeStatus(context, found, {
    conditions: say(context, found, statusOf(found).conditions ?? [], [['Accepted']]),
  })
}

/** The Gateway, where its class is ours. */
async function ourGateway(
  { api }: ControllerContext,
  key: { namespace: string; name: string },
): Promise<Gateway | null> {
  const gateway = await api.get<Gateway>(Gateways, key)
  if (gateway === null) return null
  const found = await api.get<GatewayClass>(GatewayClasses, { name: gateway.spec.gatewayClassName })
  return found?.spec.controllerName === GATEWAY_CONTROLLER ? gateway : null
}

async function reconcileRoute(context: ControllerContext, key: { namespace: string; name: string }): Promise<void> {
  const route = await context.api.get<HttpRoute>(HttpRoutes, key)
  if (route === null) return
  const gateways = new Map<string, Gateway>()
  for (const parent of route.spec.parentRefs ?? []) {
    const name = gatewayKeyOf(route, parent)
    const gateway = name === null ? null : await ourGateway(context, parseKey(name))
    if (name !== null && gateway !== null) gateways.set(name, gateway)
  }
  await writeRoute(context, route, gateways)
}

async function reconcileGateway(
  context: ControllerContext,
  key: { namespace: string; name: string },
  links: References,
): Promise<void> {
  const gateway = await ourGateway(context, key)
  if (gateway === null) return
  const attached = await attachedRoutes(context, gateway, links.of(keyOf(gateway)))
  const known = statusOf(gateway)
  const listeners = gateway.spec.listeners.map((listener) => {
    const before = known.listeners?.find(({ name }) => name === listener.name)?.conditions ?? []
    const supported = takesHttpRoutes(listener) ? [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' }] : []
    return {
      name: listener.name,
      supportedKinds: supported,
      attachedRoutes: attached.get(listener.name) ?? 0,
      conditions: say(context, gateway, before, sayingsOf(listener)),
    }
  })
  const isBad = listeners.some(({ conditions }) => conditions.some(({ status }) => status === 'False'))
  const sayings: Saying[] = [['Accepted'], ['Programmed']]
  const conditions = say(context, gateway, known.conditions ?? [], sayings).map((condition) =>
    isBad && condition.type === 'Accepted' ? { ...condition, reason: 'ListenersNotValid' } : condition,
  )
  await writeStatus(context, gateway, { addresses: [{ type: 'IPAddress', value: '127.0.0.1' }], conditions, listeners })
}

/** Reference: ListenerConditionReason of the Gateway API. */
function sayingsOf({ protocol, allowedRoutes }: Listener): Saying[] {
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') {
    const why = `The ingress does not speak ${protocol}`
    return [['Accepted', 'UnsupportedProtocol', why], ['Programmed', 'Invalid', why], ['ResolvedRefs']]
  }
  const unknown = allowedRoutes?.kinds?.find((kind) => !isHttpRoute(kind))
  if (unknown === undefined) return [['Accepted'], ['Programmed'], ['ResolvedRefs']]
  return [
    ['Accepted'],
    ['Programmed'],
    ['ResolvedRefs', 'InvalidRouteKinds', `Routes of kind ${unknown.kind} are not supported`],
  ]
}

async function attachedRoutes({ api }: ControllerContext, gateway: Gateway, routes: readonly string[]) {
  const counts = new Map<string, number>()
  for (const key of routes) {
    const route = await api.get<HttpRoute>(HttpRoutes, parseKey(key))
    if (route === null) continue
    const labels = (await api.get<KubernetesObject>(Namespaces, { name: route.metadata.namespace ?? '' }))?.metadata
      .labels
    const taken = (route.spec.parentRefs ?? [])
      .filter((parent) => gatewayKeyOf(route, parent) === keyOf(gateway))
      .flatMap((parent) => attach(route, parent, gateway, () => labels).listeners)
    for (const name of new Set(taken.map((listener) => listener.name))) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}
