import type { SessionLifetime } from '@slipway/db'
import type { Capabilities } from '@slipway/domain'

/** What the operator configured, as far as answers depend on it. */
export interface ApiConfig {
  /** Public origin, no trailing slash: `http://localhost:3000`. */
  publicUrl: string
  /** Address at which build pods reach the platform; null: its public one. */
  internalUrl: string | null
  /** Suffix of generated hosts, null: no generated hosts. */
  appsDomain: string | null
  /** Scheme and port of apps' addresses; null: as the public origin has them. */
  appsScheme: 'http' | 'https' | null
  appsPort: number | null
  /** Whether apps answer on the platform's own port, as behind the launcher of the local cluster. */
  appsShareThePort: boolean
  /** Prefix of built images, null: nothing is built. */
  registry: string | null
  /** Where builds push to. */
  registryPushUrl: string | null
  /** Whether every host name has to be proven, or only one that another team has to do with. */
  verifyDomains: 'always' | 'contested'
  /** Builds at once in the installation. */
  buildConcurrency: number
  capabilities: Capabilities
  sessionLifetime: SessionLifetime
}
