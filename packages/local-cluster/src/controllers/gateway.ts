import type { KubernetesObject } from '../api/objects.ts'
import { GatewayClasses, Gateways, HttpRoutes, Services } from '../api/resources.ts'
import { type Gateway, type HttpRoute, httpRouteRules } from '../ingress/rules.ts'
import { timestamp } from '../times.ts'
import { setCondition } from './conditions.ts'
import { type ControllerContext, keyOf, parseKey, runController } from './kind-controller.ts'
import type { Condition } from './objects.ts'
import { same } from './same.ts'

/** Gateways of classes with this controller are the local cluster's ingress. */
export const GATEWAY_CONTROLLER = 'slipway.dev/ingress'
const EVERYTHING = '/'

interface GatewayClass extends KubernetesObject {
  spec: { controllerName: string }
}
interface Status {
  conditions?: Condition[]
  listeners?: { name: string; conditions: Condition[] }[]
  parents?: { parentRef: object; controllerName: string; conditions: Condition[] }[]
}
const statusOf = (object: KubernetesObject) => ('status' in object ? (object.status as Status) : {})

/** Says of GatewayClasses, Gateways and HTTPRoutes what the ingress makes of them; the ingress itself reads the objects. */
export function runGateways(context: ControllerContext) {
  const all = () => [EVERYTHING]
  return runController(context, {
    name: 'gateway',
    concurrency: 1,
    reconcile: (key) => reconcile(context, key),
    watches: [
      { type: GatewayClasses, keys: all },
      { type: Gateways, keys: all },
      { type: Services, keys: (object) => [`${object.metadata.namespace ?? ''}/`] },
      { type: HttpRoutes, keys: (object, deleted) => (deleted ? all() : [EVERYTHING, keyOf(object)]) },
    ],
  })
}

async function reconcile(context: ControllerContext, key: string): Promise<void> {
  const { api } = context
  const classes = (await api.list<GatewayClass>(GatewayClasses)).items.filter(
    ({ spec }) => spec.controllerName === GATEWAY_CONTROLLER,
  )
  const names = new Set(classes.map(({ metadata }) => metadata.name))
  const ours = (await api.list<Gateway>(Gateways)).items.filter(({ spec }) => names.has(spec.gatewayClassName))
  if (ours.length + classes.length === 0) return
  const gateways = new Map(ours.map((gateway) => [keyOf(gateway), gateway]))
  const { namespace } = parseKey(key)
  const routes = (await api.list<HttpRoute>(HttpRoutes)).items
  for (const route of routes) {
    if (key === EVERYTHING || route.metadata.namespace === namespace) await writeRoute(context, route, gateways)
  }
  if (key !== EVERYTHING) return
  for (const each of classes) await write(context, each, { conditions: accept(context, each, ['Accepted']) })
  for (const gateway of ours) await writeGateway(context, gateway, routes)
}

/** The object's conditions with these set to true, each with itself as its reason. */
function accept({ now }: ControllerContext, object: KubernetesObject, types: readonly string[], present?: Condition[]) {
  const observedGeneration = object.metadata.generation ?? 0
  return types.reduce<Condition[]>(
    (conditions, type) => {
      const next: Condition = { type, status: 'True', reason: type, message: '', observedGeneration }
      return [...setCondition(conditions, next, timestamp(now()))]
    },
    [...(present ?? statusOf(object).conditions ?? [])],
  )
}

async function writeGateway(context: ControllerContext, gateway: Gateway, routes: readonly HttpRoute[]) {
  const before = statusOf(gateway).listeners ?? []
  const listeners = gateway.spec.listeners.map((listener) => {
    const alone = new Map([[keyOf(gateway), { ...gateway, spec: { ...gateway.spec, listeners: [listener] } }]])
    const known = before.find(({ name }) => name === listener.name)?.conditions ?? []
    return {
      name: listener.name,
      supportedKinds: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' }],
      attachedRoutes: routes.filter((route) => httpRouteRules(route, alone).length > 0).length,
      conditions: accept(context, gateway, ['Accepted', 'Programmed', 'ResolvedRefs'], known),
    }
  })
  const conditions = accept(context, gateway, ['Accepted', 'Programmed'])
  await write(context, gateway, { addresses: [{ type: 'IPAddress', value: '127.0.0.1' }], conditions, listeners })
}

async function writeRoute(context: ControllerContext, route: HttpRoute, gateways: ReadonlyMap<string, Gateway>) {
  const { namespace = '' } = route.metadata
  const known = statusOf(route).parents ?? []
  const missing = await missingServices(context, route)
  const parents = []
  for (const parentRef of route.spec.parentRefs ?? []) {
    const gateway = gateways.get(`${parentRef.namespace ?? namespace}/${parentRef.name}`)
    if (gateway === undefined) continue
    const alone = { ...route, spec: { ...route.spec, parentRefs: [parentRef] } }
    const attached = httpRouteRules(alone, gateways).length > 0
    const before = known.find((each) => same(each.parentRef, parentRef))
    const observedGeneration = route.metadata.generation ?? 0
    const set = (conditions: readonly Condition[], type: string, good: boolean, reason: string, message: string) =>
      setCondition(
        conditions,
        { type, status: good ? 'True' : 'False', reason: good ? type : reason, message, observedGeneration },
        timestamp(context.now()),
      )
    let conditions = set(before?.conditions ?? [], 'Accepted', attached, 'NoMatchingParent', '')
    const message = missing.length === 0 ? '' : `Service ${missing.join(', ')} not found`
    conditions = set(conditions, 'ResolvedRefs', missing.length === 0, 'BackendNotFound', message)
    parents.push({ parentRef, controllerName: GATEWAY_CONTROLLER, conditions: [...conditions] })
  }
  const others = known.filter(({ controllerName }) => controllerName !== GATEWAY_CONTROLLER)
  if (parents.length + known.length > 0) await write(context, route, { parents: [...others, ...parents] })
}

async function missingServices({ api }: ControllerContext, route: HttpRoute): Promise<string[]> {
  const { namespace = '' } = route.metadata
  const names = new Set((route.spec.rules ?? []).flatMap(({ backendRefs = [] }) => backendRefs.map(({ name }) => name)))
  const found = await Promise.all(
    [...names].map(async (name) => ({ name, service: await api.get(Services, { namespace, name }) })),
  )
  return found.filter(({ service }) => service === null).map(({ name }) => name)
}

async function write({ api }: ControllerContext, object: KubernetesObject, status: object): Promise<void> {
  if (same(status, statusOf(object))) return
  await api.updateStatus({ ...structuredClone(object), ...{ status } })
}
