import type { OwnNames } from '@slipway/domain'
import type { ApiConfig } from '../../ports/config.ts'

/** Names in DNS that are Slipway's own, from its configuration. */
export function ownNames({ publicUrl, internalUrl, appsDomain, registry }: ApiConfig): OwnNames {
  const hostOf = (url: string) => new URL(url).hostname.toLowerCase()
  const registryHost = registry?.split('/')[0]?.replace(/:\d+$/, '')
  return {
    publicHost: hostOf(publicUrl),
    otherHosts: [...(internalUrl === null ? [] : [hostOf(internalUrl)]), ...(registryHost ? [registryHost] : [])],
    appsDomain,
  }
}
