import type { AppSummaryRow } from '@slipway/db'
import type { AppRef, DomainView } from '@slipway/domain'
import type { ApiConfig } from '../ports.ts'

/**
 * Address of a host of an app: scheme and port as configured for apps, otherwise the platform's own scheme, and its port
 * where apps share it; an ingress elsewhere has the scheme's.
 */
export function addressOf(
  {
    publicUrl,
    appsScheme,
    appsPort,
    appsShareThePort,
  }: Pick<ApiConfig, 'publicUrl' | 'appsScheme' | 'appsPort' | 'appsShareThePort'>,
  hostname: string,
): string {
  const url = new URL(publicUrl)
  const scheme = appsScheme ?? url.protocol.slice(0, -1)
  // A scheme of their own means a port of their own: the platform's belongs to the other one.
  const port = appsPort ?? (appsShareThePort && appsScheme === null && url.port ? Number(url.port) : null)
  const isDefault = port === null || port === (scheme === 'https' ? 443 : 80)
  return `${scheme}://${hostname}${isDefault ? '' : `:${port}`}`
}

/** The host names of an app, its generated one first. */
export function hostnamesOf(
  config: Pick<ApiConfig, 'appsDomain'>,
  app: { hostPrefix: string; domains: readonly { hostname: string }[] },
): string[] {
  const generated = config.appsDomain === null ? [] : [`${app.hostPrefix}.${config.appsDomain}`]
  return [...generated, ...app.domains.map(({ hostname }) => hostname)]
}

/** Host names with their addresses, as the app's page shows them. */
export function domainsOf(config: ApiConfig, app: AppSummaryRow): Omit<DomainView, 'certificate'>[] {
  const chosen = new Set(app.domains.map(({ hostname }) => hostname))
  return hostnamesOf(config, app).map((hostname) => ({
    hostname,
    url: addressOf(config, hostname),
    generated: !chosen.has(hostname),
  }))
}

/** The address to show first: one that a person chose before the generated one. Null without an ingress or a web process. */
export function primaryUrl(config: ApiConfig, app: AppSummaryRow, hasWeb: boolean): string | null {
  if (!config.capabilities.ingress || !hasWeb) return null
  const domains = domainsOf(config, app)
  return (domains.find(({ generated }) => !generated) ?? domains[0])?.url ?? null
}

/** Clone and push address of an app's own repository. */
export function gitUrlOf(config: ApiConfig, ref: AppRef): string {
  return `${config.publicUrl}/git/${ref.team}/${ref.project}/${ref.environment}/${ref.app}.git`
}
