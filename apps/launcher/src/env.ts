import path from 'node:path'
import { z } from 'zod'

/** The repository's root: what `npm start` was called on. */
export const ROOT = path.resolve(import.meta.dirname, '../../..')

const port = z.coerce.number().int().min(1).max(65_535)
const text = z
  .string()
  .transform((value) => (value === '' ? undefined : value))
  .optional()

const schema = z.object({
  SLIPWAY_PORT: port.default(3000),
  SLIPWAY_STATE_DIR: text,
  SLIPWAY_URL: z.url().optional(),
  SLIPWAY_TRUSTED_PROXIES: text,
  SLIPWAY_ADMIN_EMAIL: text,
  SLIPWAY_ADMIN_PASSWORD: text,
  SLIPWAY_ADMIN_PASSWORD_FILE: text,
  SLIPWAY_SECRET_KEY: text,
  SLIPWAY_SESSION_SECRET: text,
  SLIPWAY_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
  SLIPWAY_REGISTRY: text,
  SLIPWAY_REGISTRY_TOKEN_KEY: text,
  SLIPWAY_INTERNAL_URL: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).optional(),
  SLIPWAY_LISTEN_HOST: text,
  SLIPWAY_LISTEN_PORT: z.union([z.literal('').transform(() => undefined), port]).optional(),
  DATABASE_URL: text,
  KUBECONFIG: text,
})

/** What a person may set for `npm start`, validated. */
export interface LauncherEnv {
  port: number
  /** Absolute path of the state directory. */
  stateDir: string
  /** Public origin, without a trailing slash. */
  url: string
  /** Whether a proxy stands in front: people use another address than that of the port, or proxies are named. */
  behindProxy: boolean
  /** External Postgres; null runs the embedded one. */
  databaseUrl: string | null
  /** Path of the kubeconfig of an external cluster; null runs the local cluster. */
  kubeconfig: string | null
  secretKey: string | null
  sessionSecret: string | null
  /** Private key (PEM) of the tokens that open the local cluster's registry. */
  registryTokenKey: string | null
  logLevel: string
  /** Where pods of another cluster reach the platform; null: nothing listens beyond loopback. */
  internal: InternalAddress | null
  /** Every SLIPWAY_ variable that is set. The platform gets them as they are, so that none is forgotten here. */
  platform: Record<string, string>
}

/** An address of this machine on which `/internal` is served to pods. */
export interface InternalAddress {
  host: string
  port: number
}

/**
 * Reads the launcher's environment.
 * @throws Error with one line a wrong variable, which names it and says what is wrong.
 */
export function readEnv(source: NodeJS.ProcessEnv = process.env): LauncherEnv {
  const result = schema.safeParse(source)
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`the environment is not usable. ${lines.join('; ')}`)
  }
  const env = result.data
  const hasPassword = (env.SLIPWAY_ADMIN_PASSWORD ?? env.SLIPWAY_ADMIN_PASSWORD_FILE) !== undefined
  if ((env.SLIPWAY_ADMIN_EMAIL !== undefined) !== hasPassword) {
    throw new Error('set both SLIPWAY_ADMIN_EMAIL and SLIPWAY_ADMIN_PASSWORD, or neither.')
  }
  if (env.KUBECONFIG && env.SLIPWAY_REGISTRY && !env.SLIPWAY_INTERNAL_URL) {
    throw new Error(
      'SLIPWAY_REGISTRY is set, but SLIPWAY_INTERNAL_URL is not. Set it to the address at which pods of the cluster reach this machine, such as http://192.0.2.10:3001; builds fetch their source there.',
    )
  }
  const ownUrl = `http://localhost:${env.SLIPWAY_PORT}`
  const url = (env.SLIPWAY_URL ?? ownUrl).replace(/\/+$/, '')
  return {
    port: env.SLIPWAY_PORT,
    stateDir: path.resolve(ROOT, env.SLIPWAY_STATE_DIR ?? '.slipway'),
    url,
    behindProxy: url !== ownUrl || env.SLIPWAY_TRUSTED_PROXIES !== undefined,
    databaseUrl: env.DATABASE_URL ?? null,
    kubeconfig: env.KUBECONFIG ?? null,
    secretKey: env.SLIPWAY_SECRET_KEY ?? null,
    sessionSecret: env.SLIPWAY_SESSION_SECRET ?? null,
    registryTokenKey: env.SLIPWAY_REGISTRY_TOKEN_KEY ?? null,
    logLevel: env.SLIPWAY_LOG_LEVEL,
    internal: internalAddress(env),
    platform: Object.fromEntries(
      Object.entries(source).filter(
        (entry): entry is [string, string] => entry[0].startsWith('SLIPWAY_') && Boolean(entry[1]),
      ),
    ),
  }
}

/** SLIPWAY_LISTEN_HOST and SLIPWAY_LISTEN_PORT are for addresses that something else translates: a name, a proxy with TLS. */
function internalAddress(env: z.infer<typeof schema>): InternalAddress | null {
  if (!env.SLIPWAY_INTERNAL_URL) return null
  const { protocol, hostname, port: urlPort } = new URL(env.SLIPWAY_INTERNAL_URL)
  const host = env.SLIPWAY_LISTEN_HOST ?? hostname.replace(/^\[|\]$/g, '')
  const behindProxy = protocol === 'https:' && env.SLIPWAY_LISTEN_HOST === undefined
  if (behindProxy || host === 'localhost' || host === '::1' || host.startsWith('127.')) return null
  return { host, port: env.SLIPWAY_LISTEN_PORT ?? Number(urlPort || (protocol === 'https:' ? 443 : 80)) }
}

const INHERITED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TZ|LANG|LC_.*|(https?|no|all)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_.*|GIT_SSL_CAINFO|npm_config_(registry|cafile|proxy|https_proxy|noproxy)|PIP_(INDEX_URL|CERT|TRUSTED_HOST))$/i

/** What every part inherits from the terminal: where programs are, the language, proxies; no secrets. */
export function inheritedEnv(source: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(source).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && INHERITED.test(entry[0]),
    ),
  )
}
