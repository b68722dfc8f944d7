import type { Capabilities } from '@slipway/domain'

export const NO_REGISTRY =
  'No image registry is configured, so source cannot be built: set SLIPWAY_REGISTRY, or deploy images.'
export const NO_INGRESS =
  'No ingress is configured, so apps have no address of their own: set SLIPWAY_INGRESS_CLASS or SLIPWAY_GATEWAY, and SLIPWAY_APPS_DOMAIN.'
const NO_APPS_DOMAIN =
  'No domain for apps is configured, so apps get no generated host names: set SLIPWAY_APPS_DOMAIN, or add host names of your own.'

/** What an installation can do, by its settings. */
export function describeCapabilities(settings: {
  clusterKind: 'local' | 'kubernetes'
  registry: string | null
  ingressClass: string | null
  gateway: { name: string } | null
  appsDomain: string | null
  mail: unknown
}): Capabilities {
  const ingress = settings.ingressClass !== null || settings.gateway !== null
  const missing: string[] = []
  if (settings.registry === null) missing.push(NO_REGISTRY)
  if (!ingress) missing.push(NO_INGRESS)
  else if (settings.appsDomain === null) missing.push(NO_APPS_DOMAIN)
  return {
    cluster: settings.clusterKind,
    builds: settings.registry !== null,
    ingress,
    mail: settings.mail !== null,
    missing,
  }
}
