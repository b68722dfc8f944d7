import { z } from 'zod'

/** An unset variable and an empty one mean the same: compose files and launchers write `NAME=`. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional())
const withDefault = <T extends z.ZodType>(schema: T, fallback: unknown) =>
  z.preprocess((value) => (value === undefined || value === '' ? fallback : value), schema)

const port = z.coerce.number().int().min(0).max(65_535)
const origin = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) address' })
  .transform((url) => url.replace(/\/+$/, ''))

/** Where child processes find programs (git, sh). */
export const executablePath = process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'

/** What the pre-receive hook is told by the platform that started git. */
export function readHookEnvironment(environment: NodeJS.ProcessEnv): z.infer<typeof hookSchema> {
  return hookSchema.parse(environment)
}
const hookSchema = z.object({
  SLIPWAY_PUSH_URL: z.url(),
  SLIPWAY_PUSH_TOKEN: z.string().min(1),
  GIT_OBJECT_DIRECTORY: z.string().optional(),
  GIT_ALTERNATE_OBJECT_DIRECTORIES: z.string().optional(),
})

/** Every environment variable that the platform reads; docs/architecture.md has the table. */
const environmentSchema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }),
  KUBECONFIG: optional(z.string()),
  SLIPWAY_STATE_DIR: z.string().min(1),
  SLIPWAY_URL: withDefault(origin, 'http://localhost:3000'),
  SLIPWAY_APPS_DOMAIN: optional(
    z.string().regex(/^[a-z0-9.-]+$/, 'must be a host name suffix such as apps.example.com'),
  ),
  SLIPWAY_APPS_SCHEME: optional(z.enum(['http', 'https'])),
  SLIPWAY_APPS_PORT: optional(port.min(1)),
  SLIPWAY_INGRESS_CLASS: optional(z.string()),
  SLIPWAY_REGISTRY: optional(z.string()),
  SLIPWAY_REGISTRY_PUSH_URL: optional(origin),
  SLIPWAY_INTERNAL_URL: optional(origin),
  SLIPWAY_BUILDER_IMAGE: optional(z.string()),
  SLIPWAY_CLUSTER_KIND: withDefault(z.enum(['local', 'kubernetes']), 'kubernetes'),
  SLIPWAY_SECRET_KEY: z
    .string()
    .refine((key) => Buffer.from(key, 'base64').length === 32, 'must be 32 bytes in base64: openssl rand -base64 32'),
  SLIPWAY_SESSION_SECRET: z.string().min(32, 'must have at least 32 characters'),
  SLIPWAY_CONSOLE_URL: optional(origin),
  SLIPWAY_BUILD_CONCURRENCY: withDefault(z.coerce.number().int().min(1).max(100), 2),
  SLIPWAY_BUILD_TIMEOUT_MINUTES: withDefault(
    z.coerce
      .number()
      .min(0.01)
      .max(24 * 60),
    15,
  ),
  SLIPWAY_LISTEN_HOST: withDefault(z.string(), '127.0.0.1'),
  SLIPWAY_LISTEN_PORT: withDefault(port, 3001),
  SLIPWAY_LOG_LEVEL: withDefault(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']), 'info'),
  SLIPWAY_ADMIN_EMAIL: optional(z.string()),
  SLIPWAY_ADMIN_PASSWORD: optional(z.string()),
})

/** Names of all variables. @public for the launcher's tests: it passes every one on */
export const PLATFORM_VARIABLES: readonly string[] = Object.keys(environmentSchema.shape)

/** Settings of one platform process, checked; `startPlatform` takes them, so tests need no environment. */
export interface PlatformSettings {
  databaseUrl: string
  /** Path of a kubeconfig; null: in-cluster credentials or the client's default. */
  kubeconfigPath: string | null
  /** Holds git repositories, sources of builds and build logs. */
  stateDir: string
  /** Public origin, without a slash at the end; null: its own listen address (tests). */
  publicUrl: string | null
  appsDomain: string | null
  /** Scheme and port of apps' addresses; null: as the public origin has them. */
  appsScheme: 'http' | 'https' | null
  appsPort: number | null
  ingressClass: string | null
  registry: string | null
  registryPushUrl: string | null
  /** Address at which build pods reach this process; null: its own listen address. */
  internalUrl: string | null
  /** Image of build pods; null: the local cluster's own builder. */
  builderImage: string | null
  clusterKind: 'local' | 'kubernetes'
  /** 32 bytes, base64. */
  secretKey: string
  sessionSecret: string
  consoleUrl: string | null
  buildConcurrency: number
  buildTimeoutMs: number
  listenHost: string
  listenPort: number
  logLevel: string
  /** The account that is made at the first start, when both are given. */
  admin: { email: string; password: string } | null
}

/**
 * Reads the environment.
 * @throws Error whose message has one line for each variable that is missing or wrong; values are never printed.
 */
export function readSettings(environment: NodeJS.ProcessEnv): PlatformSettings {
  const parsed = environmentSchema.safeParse(environment)
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0])
      return environment[name] === undefined || environment[name] === ''
        ? `  ${name} is not set.`
        : `  ${name}: ${issue.message}.`
    })
    throw new Error(`The platform can not start; its environment is not complete:\n${lines.join('\n')}`)
  }
  const env = parsed.data
  return {
    databaseUrl: env.DATABASE_URL,
    kubeconfigPath: env.KUBECONFIG ?? null,
    stateDir: env.SLIPWAY_STATE_DIR,
    publicUrl: env.SLIPWAY_URL,
    appsDomain: env.SLIPWAY_APPS_DOMAIN ?? null,
    appsScheme: env.SLIPWAY_APPS_SCHEME ?? null,
    appsPort: env.SLIPWAY_APPS_PORT ?? null,
    ingressClass: env.SLIPWAY_INGRESS_CLASS ?? null,
    registry: env.SLIPWAY_REGISTRY ?? null,
    registryPushUrl: env.SLIPWAY_REGISTRY_PUSH_URL ?? null,
    internalUrl: env.SLIPWAY_INTERNAL_URL ?? null,
    builderImage: env.SLIPWAY_BUILDER_IMAGE ?? null,
    clusterKind: env.SLIPWAY_CLUSTER_KIND,
    secretKey: env.SLIPWAY_SECRET_KEY,
    sessionSecret: env.SLIPWAY_SESSION_SECRET,
    consoleUrl: env.SLIPWAY_CONSOLE_URL ?? null,
    buildConcurrency: env.SLIPWAY_BUILD_CONCURRENCY,
    buildTimeoutMs: env.SLIPWAY_BUILD_TIMEOUT_MINUTES * 60_000,
    listenHost: env.SLIPWAY_LISTEN_HOST,
    listenPort: env.SLIPWAY_LISTEN_PORT,
    logLevel: env.SLIPWAY_LOG_LEVEL,
    admin:
      env.SLIPWAY_ADMIN_EMAIL && env.SLIPWAY_ADMIN_PASSWORD
        ? { email: env.SLIPWAY_ADMIN_EMAIL, password: env.SLIPWAY_ADMIN_PASSWORD }
        : null,
  }
}
