import type { EgressNetworks, PodSecurityLevel, Route } from '@slipway/domain'
import { z } from 'zod'

/** An unset variable and an empty one mean the same. */
export const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional())

/** CIDR blocks, separated by commas or spaces. */
const networks = z
  .string()
  .default('')
  .transform((text) => text.split(/[\s,]+/).filter((word) => word !== ''))
  .pipe(z.array(z.union([z.cidrv4(), z.cidrv6()], 'must be a list of CIDR blocks such as 10.20.0.0/16')))

/** Variables that say how environments are reached and guarded; a part of env.ts. */
export const routingVariables = {
  SLIPWAY_INGRESS_CLASS: optional(z.string()),
  SLIPWAY_INGRESS_NAMESPACE: optional(z.string()),
  SLIPWAY_GATEWAY: optional(
    z.string().regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/, 'must be a Gateway as <namespace>/<name>, such as gateway/public'),
  ),
  SLIPWAY_CLUSTER_ISSUER: optional(z.string()),
  SLIPWAY_POD_SECURITY: optional(z.enum(['baseline', 'restricted'])),
  SLIPWAY_NAMESPACE: optional(z.string()),
  SLIPWAY_EGRESS_ALLOW: networks,
  SLIPWAY_EGRESS_DENY: networks,
}
const environmentSchema = z.object(routingVariables)

/** How requests reach apps, and what their namespaces admit. */
export interface RoutingSettings {
  ingressClass: string | null
  /** Namespace of the ingress controller, the only one that environments take requests from; null: any. */
  ingressNamespace: string | null
  /** The Gateway that HTTPRoutes are attached to, in place of Ingresses. */
  gateway: { namespace: string; name: string } | null
  /** cert-manager's ClusterIssuer for the hosts of Ingresses. */
  clusterIssuer: string | null
  podSecurity: PodSecurityLevel
  /** What apps and builds may reach besides the internet, and what of it they may not. */
  egress: EgressNetworks
  /** Namespace of the platform's own pods, which builds may reach; null: they are not on this cluster. */
  platformNamespace: string | null
}

/** Without a route: what an installation has that sets none of the variables. */
export const NO_ROUTING: RoutingSettings = {
  ingressClass: null,
  ingressNamespace: null,
  gateway: null,
  clusterIssuer: null,
  podSecurity: 'baseline',
  egress: { allow: [], deny: [] },
  platformNamespace: null,
}

export function routingSettings(env: z.infer<typeof environmentSchema>): RoutingSettings {
  const [namespace, name] = env.SLIPWAY_GATEWAY?.split('/') ?? []
  const gateway = namespace !== undefined && name !== undefined ? { namespace, name } : null
  return {
    ingressClass: env.SLIPWAY_INGRESS_CLASS ?? null,
    ingressNamespace: env.SLIPWAY_INGRESS_NAMESPACE ?? gateway?.namespace ?? null,
    gateway,
    clusterIssuer: env.SLIPWAY_CLUSTER_ISSUER ?? null,
    podSecurity: env.SLIPWAY_POD_SECURITY ?? 'baseline',
    egress: { allow: env.SLIPWAY_EGRESS_ALLOW, deny: env.SLIPWAY_EGRESS_DENY },
    platformNamespace: env.SLIPWAY_NAMESPACE ?? null,
  }
}

/** The way to apps: the Gateway where there is one, or else the Ingress. Null: none is configured. */
export function routeOf({ gateway, ingressClass, clusterIssuer }: RoutingSettings): Route | null {
  if (gateway !== null) return { kind: 'gateway', ...gateway }
  return ingressClass === null ? null : { kind: 'ingress', className: ingressClass, clusterIssuer }
}

type OnCluster = RoutingSettings & { clusterKind: 'local' | 'kubernetes' }

/** Whether cert-manager is asked for the certificates of apps; the local cluster has none. */
export function asksForCertificates(settings: OnCluster): boolean {
  const route = routeOf(settings)
  return settings.clusterKind === 'kubernetes' && route?.kind === 'ingress' && route.clusterIssuer !== null
}

/** Scheme of apps' addresses: what is set, or else https where certificates are asked for. Null: as Slipway's own. */
export function appsSchemeOf(settings: OnCluster & { appsScheme: 'http' | 'https' | null }): 'http' | 'https' | null {
  return settings.appsScheme ?? (asksForCertificates(settings) ? 'https' : null)
}
