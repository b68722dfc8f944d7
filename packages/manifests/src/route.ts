import type { AppToRender, RenderedProcess, Route } from '@slipway/domain'
import { appLabels } from './labels.ts'
import { ingressName, tlsSecretName, workloadName } from './names.ts'
import { define, type KubeObject } from './object.ts'
import { PORT_NAME } from './pod.ts'
import type { Rendering } from './rendering.ts'
import { SERVICE_PORT } from './service.ts'

/** cert-manager makes the certificate of an Ingress that names its issuer. Reference: https://cert-manager.io/docs/usage/ingress/ */
const ISSUER_ANNOTATION = 'cert-manager.io/cluster-issuer'

/** A track, and its process that hosts lead to. */
interface Backend {
  app: Rendering
  process: RenderedProcess | null
}
type Routed = { app: Rendering; process: RenderedProcess }

/** What leads an app's hosts to its routed process: an HTTPRoute or an Ingress, nothing without hosts. */
export function renderRoute(app: AppToRender, backends: readonly Backend[]): KubeObject[] {
  const routed = backends.filter((each): each is Routed => each.process !== null)
  const [first] = routed
  if (first === undefined || app.route === null || app.hostnames.length === 0) return []
  return [app.route.kind === 'gateway' ? httpRoute(app, routed, app.route) : ingress(app, first.process, app.route)]
}

interface HasHosts {
  kind: string
  spec?: { rules?: { host?: string }[]; tls?: { hosts?: string[] }[]; hostnames?: string[] }
}

/** The hosts of a rendered Ingress or HTTPRoute; null for any other object. */
export function hostsOfRoute(object: { kind: string }): string[] | null {
  if (object.kind !== 'Ingress' && object.kind !== 'HTTPRoute') return null
  const { spec } = object as HasHosts
  return spec?.hostnames ?? (spec?.rules ?? []).flatMap(({ host }) => (host === undefined ? [] : [host]))
}

/** The same route with these of its hosts only. */
export function withHosts<T extends { kind: string }>(object: T, hosts: readonly string[]): T {
  const { spec } = object as HasHosts
  const rules = spec?.rules?.filter(({ host }) => host === undefined || hosts.includes(host))
  const tls = spec?.tls?.filter((each) => each.hosts?.every((host) => hosts.includes(host)))
  const hostnames = spec?.hostnames?.filter((host) => hosts.includes(host))
  return {
    ...object,
    spec: { ...spec, ...(rules && { rules }), ...(tls && { tls }), ...(hostnames && { hostnames }) },
  }
}

function ingress(app: AppToRender, routed: RenderedProcess, route: Extract<Route, { kind: 'ingress' }>): KubeObject {
  const backend = { service: { name: workloadName(app.app, routed.name), port: { name: PORT_NAME } } }
  const { clusterIssuer } = route
  return define({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: ingressName(app.app),
      namespace: app.namespace,
      labels: appLabels(app),
      ...(clusterIssuer === null ? {} : { annotations: { [ISSUER_ANNOTATION]: clusterIssuer } }),
    },
    spec: {
      ingressClassName: route.className,
      rules: app.hostnames.map((host) => ({ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } })),
      ...(clusterIssuer === null ? {} : { tls: tlsOf(app) }),
    },
  })
}

/** One certificate a host: a host whose DNS is not there yet does not keep the others from theirs. */
const tlsOf = (app: AppToRender) =>
  app.hostnames.map((host) => ({ hosts: [host], secretName: tlsSecretName(app.app, host) }))

/** Reference: https://gateway-api.sigs.k8s.io/api-types/httproute/ (core features only). */
function httpRoute(
  app: AppToRender,
  routed: readonly Routed[],
  gateway: Extract<Route, { kind: 'gateway' }>,
): KubeObject {
  return define({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: ingressName(app.app), namespace: app.namespace, labels: appLabels(app) },
    spec: {
      parentRefs: [{ namespace: gateway.namespace, name: gateway.name }],
      hostnames: [...app.hostnames],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          backendRefs: routed.map((each) => ({
            name: workloadName(app.app, each.process.name, each.app.track),
            port: SERVICE_PORT,
            ...(routed.length > 1 ? { weight: each.app.weight } : {}),
          })),
        },
      ],
    },
  })
}
