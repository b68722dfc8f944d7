import type { PlatformSettings } from '../env.ts'
import { registryHosts } from '../registry-settings.ts'
import { createRegistryCredentials, type RegistryCredentials } from './credentials.ts'
import type { RegistryPlaces } from './rights.ts'
import { readTokenKey, type TokenKey } from './token-key.ts'

/** A registry that takes the tokens of this installation: the embedded one, or one that was set up for it. */
export interface OwnRegistry {
  key: TokenKey
  credentials: RegistryCredentials
  places: RegistryPlaces
  /** The operator: may do everything. */
  operator: { username: string; password: string } | null
  /** Names that it is reached by. */
  hosts: readonly string[]
}

type Settings = Pick<
  PlatformSettings,
  'registry' | 'registryPushUrl' | 'registryTokenKey' | 'registryOperator' | 'baseImages' | 'builderImage'
>

/** Null where the registry has credentials of its own. */
export function openOwnRegistry(settings: Settings): OwnRegistry | null {
  const { registry, registryPushUrl, registryTokenKey, registryOperator } = settings
  if (registry === null || registryTokenKey === null) return null
  const key = readTokenKey(registryTokenKey)
  const hosts = registryHosts(registry, registryPushUrl)
  return {
    key,
    credentials: createRegistryCredentials(key, hosts),
    places: { path: pathOf(registry), buildReads: buildReads(settings, hosts) },
    operator: registryOperator,
    hosts,
  }
}

const pathOf = (prefix: string) => prefix.split('/').slice(1).filter(Boolean).join('/')

/** Repositories of our registry among base images and builders, `{version}` and the like in them standing for any word. */
function buildReads({ baseImages, builderImage }: Settings, hosts: readonly string[]): RegExp[] {
  const references = [...Object.values(baseImages), ...(builderImage === null ? [] : [builderImage])]
  return references.flatMap((reference) => {
    const [host = '', ...path] = reference.replace(/^https?:\/\//, '').split('/')
    if (!hosts.includes(host)) return []
    const repository = path.join('/').replace(/[:@].*$/, '')
    const pattern = repository.split(/\{\w+\}/).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    return [new RegExp(`^${pattern.join('[a-z0-9._-]+')}$`)]
  })
}
