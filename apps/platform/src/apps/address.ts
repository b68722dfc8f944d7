import type { WantedApp } from '@slipway/db'
import { type AppRef, type DomainView, isRouted, proofName, proofValue } from '@slipway/domain'
import type { ApiConfig } from '../ports/config.ts'
import { refusalsOf } from './refusals.ts'

/** What addresses of apps follow from. */
export type AddressConfig = Pick<ApiConfig, 'publicUrl' | 'appsDomain' | 'appsScheme' | 'appsPort' | 'appsShareThePort'>

/**
 * Address of a host of an app: scheme and port as configured for apps, otherwise the platform's own scheme, and its port
 * where apps share it; an ingress elsewhere has the scheme's.
 */
export function addressOf(
  { publicUrl, appsScheme, appsPort, appsShareThePort }: Omit<AddressConfig, 'appsDomain'>,
  hostname: string,
): string {
  const url = new URL(publicUrl)
  const scheme = appsScheme ?? url.protocol.slice(0, -1)
  // A scheme of their own means a port of their own: the platform's belongs to the other one.
  const port = appsPort ?? (appsShareThePort && appsScheme === null && url.port ? Number(url.port) : null)
  const isDefault = port === null || port === (scheme === 'https' ? 443 : 80)
  return `${scheme}://${hostname}${isDefault ? '' : `:${port}`}`
}

export const hasWebProcess = ({ processes }: Pick<WantedApp, 'processes'>): boolean => processes.some(isRouted)

/** The host names of an app, its generated one first. */
export function hostnamesOf(
  config: Pick<ApiConfig, 'appsDomain'>,
  app: Pick<WantedApp, 'hostPrefix' | 'hostnames'>,
): string[] {
  const generated = config.appsDomain === null ? [] : [`${app.hostPrefix}.${config.appsDomain}`]
  return [...generated, ...app.hostnames]
}

/** The hosts that lead to the app, the generated one first. */
function activeDomainsOf(config: AddressConfig, app: WantedApp): Omit<DomainView, 'certificate'>[] {
  const chosen = new Set(app.hostnames)
  const refusals = refusalsOf(app.stored.refusals)
  return hostnamesOf(config, app).map((hostname) => ({
    hostname,
    url: addressOf(config, hostname),
    generated: !chosen.has(hostname),
    proof: null,
    refusal: refusals.find((refusal) => refusal.hostname === hostname)?.message ?? null,
  }))
}

/** Host names with their addresses, as the app's page shows them. */
export function domainsOf(config: AddressConfig, app: WantedApp): Omit<DomainView, 'certificate'>[] {
  const claimed = app.claims.map(({ hostname, token, problem, checkedAt }) => ({
    hostname,
    url: addressOf(config, hostname),
    generated: false,
    proof: {
      name: proofName(hostname),
      value: proofValue(token),
      problem,
      checkedAt: checkedAt?.toISOString() ?? null,
    },
    refusal: null,
  }))
  return [...activeDomainsOf(config, app), ...claimed]
}

/** The address to show first: one that a person chose before the generated one. Null without an ingress or a web process. */
export function primaryUrl(config: AddressConfig & Pick<ApiConfig, 'capabilities'>, app: WantedApp): string | null {
  if (!config.capabilities.ingress || !hasWebProcess(app)) return null
  const domains = activeDomainsOf(config, app).filter(({ refusal }) => refusal === null)
  return (domains.find(({ generated }) => !generated) ?? domains[0])?.url ?? null
}

/** Clone and push address of an app's own repository. */
export function gitUrlOf(config: Pick<ApiConfig, 'publicUrl'>, ref: AppRef): string {
  return `${config.publicUrl}/git/${ref.team}/${ref.project}/${ref.environment}/${ref.app}.git`
}
