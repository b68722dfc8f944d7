import type { ConnectionOptions } from 'node:tls'

/** Where an API server is and how to show it who we are. */
export interface ServerCredentials {
  /** Origin and path prefix, `https://10.0.0.1:6443`. */
  server: string
  proxyUrl: string | null
  tls: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>
  /** Headers of the next request; runs exec plugins and reads rotated token files as their own caches say. */
  headers(): Promise<Record<string, string>>
}
