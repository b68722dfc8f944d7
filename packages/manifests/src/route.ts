import type { AppToRender, RenderedProcess, Route } from '@slipway/domain'
import { appLabels } from './labels.ts'
import { ingressName, tlsSecretName, workloadName } from './names.ts'
import { define, type KubeObject } from './object.ts'
import { PORT_NAME } from './pod.ts'

/** Port of the Service; the pods' own is PORT. */
export const SERVICE_PORT = 80

/** cert-manager makes the certificate of an Ingress that names its issuer. Reference: https://cert-manager.io/docs/usage/ingress/ */
const ISSUER_ANNOTATION = 'cert-manager.io/cluster-issuer'

/** What leads an app's hosts to its routed process: an HTTPRoute or an Ingress, nothing without hosts. */
export function renderRoute(app: AppToRender, routed: RenderedProcess | null): KubeObject[] {
  if (routed === null || app.route === null || app.hostnames.length === 0) return []
  return [app.route.kind === 'gateway' ? httpRoute(app, routed, app.route) : ingress(app, routed, app.route)]
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
  routed: RenderedProcess,
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
          backendRefs: [{ name: workloadName(app.app, routed.name), port: SERVICE_PORT }],
        },
      ],
    },
  })
}
