import { z } from 'zod'

const port = z.coerce.number().int().min(0).max(65_535)
const optionalText = z
  .string()
  .optional()
  .transform((value) => (value === undefined || value === '' ? undefined : value))

const schema = z.object({
  SLIPWAY_CLUSTER_STATE_DIR: z.string().min(1),
  SLIPWAY_CLUSTER_API_PORT: port,
  SLIPWAY_CLUSTER_INGRESS_PORT: port,
  SLIPWAY_CLUSTER_DEFAULT_BACKEND: optionalText.pipe(z.url().optional()),
  SLIPWAY_CLUSTER_TOKEN: optionalText,
  SLIPWAY_CLUSTER_PLATFORM_ACCESS: optionalText,
  SLIPWAY_CLUSTER_REGISTRY_TOKENS: optionalText
    .transform((json): unknown => (json === undefined ? json : JSON.parse(json)))
    .pipe(z.object({ publicKey: z.string(), realm: z.url() }).optional()),
  SLIPWAY_CLUSTER_RUNTIME: z.enum(['process', 'simulated', 'none']).default('process'),
  SLIPWAY_CLUSTER_OCI_RUNTIME: z.enum(['auto', 'none']).default('auto'),
  SLIPWAY_CLUSTER_HIDDEN_DIR: optionalText,
  SLIPWAY_CLUSTER_SIMULATION_SPEED: z.coerce.number().positive().max(10_000).default(1),
  SLIPWAY_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
})

export interface LocalClusterEnv {
  stateDir: string
  apiPort: number
  ingressPort: number
  defaultBackendUrl?: string
  token?: string
  platformAccess?: string
  registryTokens?: { publicKey: string; realm: string }
  runtime: 'process' | 'simulated' | 'none'
  simulationSpeed: number
  node: { ociRuntime: 'auto' | 'none'; hiddenDirs?: string[] }
  logLevel: string
}

/** Settings of the process. @throws Error that names each variable that is missing or wrong. */
export function readEnv(): LocalClusterEnv {
  const parsed = schema.safeParse(process.env)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`The local cluster cannot start. Set these environment variables right: ${problems.join('; ')}`)
  }
  const env = parsed.data
  return {
    stateDir: env.SLIPWAY_CLUSTER_STATE_DIR,
    apiPort: env.SLIPWAY_CLUSTER_API_PORT,
    ingressPort: env.SLIPWAY_CLUSTER_INGRESS_PORT,
    runtime: env.SLIPWAY_CLUSTER_RUNTIME,
    simulationSpeed: env.SLIPWAY_CLUSTER_SIMULATION_SPEED,
    node: {
      ociRuntime: env.SLIPWAY_CLUSTER_OCI_RUNTIME,
      ...(env.SLIPWAY_CLUSTER_HIDDEN_DIR === undefined ? {} : { hiddenDirs: [env.SLIPWAY_CLUSTER_HIDDEN_DIR] }),
    },
    logLevel: env.SLIPWAY_LOG_LEVEL,
    ...(env.SLIPWAY_CLUSTER_DEFAULT_BACKEND === undefined
      ? {}
      : { defaultBackendUrl: env.SLIPWAY_CLUSTER_DEFAULT_BACKEND }),
    ...(env.SLIPWAY_CLUSTER_TOKEN === undefined ? {} : { token: env.SLIPWAY_CLUSTER_TOKEN }),
    ...(env.SLIPWAY_CLUSTER_PLATFORM_ACCESS === undefined
      ? {}
      : { platformAccess: env.SLIPWAY_CLUSTER_PLATFORM_ACCESS }),
    ...(env.SLIPWAY_CLUSTER_REGISTRY_TOKENS === undefined
      ? {}
      : { registryTokens: env.SLIPWAY_CLUSTER_REGISTRY_TOKENS }),
  }
}

/** Where programs of pods are looked up: this process's own PATH. */
export function readHostPath(): string {
  return process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'
}

/** Proxies, certificates and registries of package managers, without which builds do not reach the network. */
const builderNames =
  /^(https?_proxy|no_proxy|all_proxy|HTTPS?_PROXY|NO_PROXY|ALL_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|npm_config_(registry|cafile|proxy|https_proxy|noproxy)|PIP_(INDEX_URL|CERT|TRUSTED_HOST)|YARN_REGISTRY)$/

export function readBuilderEnv(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name, value]) => value !== undefined && builderNames.test(name))
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']))
}
