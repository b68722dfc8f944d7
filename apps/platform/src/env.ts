import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { type AccountSettings, accountSettings, accountVariables } from './env-accounts.ts'
import { type LimitSettings, limitSettings, limitVariables } from './env-limits.ts'
import { type MailSettings, mailSettings, mailVariables } from './env-mail.ts'
import { type NetworkSettings, networkSettings, networkVariables } from './env-network.ts'
import { type RoutingSettings, routingSettings, routingVariables } from './env-routing.ts'
import { readTokenKey } from './registry/token-key.ts'
import { DEFAULT_BASE_IMAGES, originOfRegistry, registryAccountOf, registryConfigOf } from './registry-settings.ts'

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

/** What a process does: any number may have `web` and `reconcile`, of which one leads; one has `git`. */
export const ROLES = ['web', 'reconcile', 'git'] as const
export type PlatformRole = (typeof ROLES)[number]

const rolesSchema = z
  .string()
  .transform((text) => [...new Set(text.split(',').map((role) => role.trim()))].filter((role) => role !== ''))
  .pipe(z.array(z.enum(ROLES, `must be a list of ${ROLES.join(', ')}`)).min(1, 'must name one role at least'))

/** Signs the tokens of a registry that is ours. */
const tokenKey = z.string().superRefine((pem, context) => {
  try {
    readTokenKey(pem)
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : '')
  }
})

const jsonObject = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    context.addIssue(`must be JSON: ${error instanceof Error ? error.message : ''}`)
    return z.NEVER
  }
})

/** Every environment variable that the platform reads; docs/architecture.md has the table. */
const environmentSchema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }),
  KUBECONFIG: optional(z.string()),
  SLIPWAY_ROLES: withDefault(rolesSchema, ROLES.join(',')),
  SLIPWAY_GIT_URL: optional(origin),
  SLIPWAY_STATE_DIR: optional(z.string()),
  SLIPWAY_URL: withDefault(origin, 'http://localhost:3000'),
  SLIPWAY_APPS_DOMAIN: optional(
    z.string().regex(/^[a-z0-9.-]+$/, 'must be a host name suffix such as apps.example.com'),
  ),
  SLIPWAY_APPS_SCHEME: optional(z.enum(['http', 'https'])),
  SLIPWAY_APPS_PORT: optional(port.min(1)),
  ...routingVariables,
  ...limitVariables,
  ...accountVariables,
  ...networkVariables,
  ...mailVariables,
  SLIPWAY_REGISTRY: optional(z.string()),
  SLIPWAY_REGISTRY_PUSH_URL: optional(origin),
  SLIPWAY_REGISTRY_USERNAME: optional(z.string()),
  SLIPWAY_REGISTRY_PASSWORD: optional(z.string()),
  SLIPWAY_REGISTRY_CONFIG: optional(z.string()),
  SLIPWAY_REGISTRY_TOKEN_KEY: optional(tokenKey),
  SLIPWAY_BASE_IMAGES: optional(jsonObject.pipe(z.record(z.string(), z.string()))),
  SLIPWAY_INSTALLATION: optional(
    z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be a short name such as main'),
  ),
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
  SLIPWAY_PUSH_TIMEOUT_MINUTES: withDefault(
    z.coerce
      .number()
      .min(0.01)
      .max(24 * 60),
    30,
  ),
  SLIPWAY_LISTEN_HOST: withDefault(z.string(), '127.0.0.1'),
  SLIPWAY_LISTEN_PORT: withDefault(port, 3001),
  SLIPWAY_METRICS_PORT: optional(port),
  SLIPWAY_LOG_LEVEL: withDefault(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']), 'info'),
  SLIPWAY_ADMIN_EMAIL: optional(z.string()),
  SLIPWAY_ADMIN_PASSWORD: optional(z.string()),
  SLIPWAY_ADMIN_PASSWORD_FILE: optional(z.string()),
})

/** Names of all variables. @public for the launcher's tests: it passes every one on */
export const PLATFORM_VARIABLES: readonly string[] = Object.keys(environmentSchema.shape)

/** Settings of one platform process, checked; `startPlatform` takes them, so tests need no environment. */
export interface PlatformSettings extends RoutingSettings, AccountSettings, NetworkSettings, MailSettings {
  databaseUrl: string
  /** Path of a kubeconfig; null: in-cluster credentials or the client's default. */
  kubeconfigPath: string | null
  /** What this process does. */
  roles: readonly PlatformRole[]
  /** Where the process with the role `git` is reached; null: it is this one. */
  gitUrl: string | null
  /** Holds the git repositories; null without the role `git`. */
  stateDir: string | null
  /** Public origin, without a slash at the end; null: its own listen address (tests). */
  publicUrl: string | null
  appsDomain: string | null
  /** Scheme and port of apps' addresses; null: as the public origin has them. */
  appsScheme: 'http' | 'https' | null
  appsPort: number | null
  registry: string | null
  registryPushUrl: string | null
  /** A `.dockerconfigjson` with which builds push and pull; null: the registry takes anybody's. */
  registryConfig: string | null
  /** Private key (PEM) of the tokens that open our own registry; null: the registry has credentials of its own. */
  registryTokenKey: string | null
  /** Account that may do everything in our own registry. */
  registryOperator: { username: string; password: string } | null
  /** Reference pattern of the base image a language. */
  baseImages: Readonly<Record<string, string>>
  /** Id of this Slipway on a cluster that others share. */
  installation: string | null
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
  limits: LimitSettings
  buildTimeoutMs: number
  /** How long a push waits for its build and rollout where it does not say so itself. */
  pushTimeoutMs: number
  listenHost: string
  listenPort: number
  /** Where Prometheus asks, on the same host; null: nowhere. */
  metricsPort: number | null
  logLevel: string
  /** The account that is made at the first start, when both are given. */
  admin: { email: string; password: string } | null
  /** Where that password came from: removed once it was used. */
  adminPasswordFile: string | null
}

/**
 * Reads the environment.
 * @throws Error whose message has one line for each variable that is missing or wrong; values are never printed.
 */
export function readSettings(environment: NodeJS.ProcessEnv): PlatformSettings {
  const parsed = environmentSchema.safeParse(environment)
  const lines = [
    ...(parsed.success ? [] : parsed.error.issues.map((issue) => lineOf(issue, environment))),
    ...rolesMissing(environment),
  ]
  if (!parsed.success || lines.length > 0) throw incomplete(lines)
  const env = parsed.data
  return {
    databaseUrl: env.DATABASE_URL,
    kubeconfigPath: env.KUBECONFIG ?? null,
    roles: env.SLIPWAY_ROLES,
    gitUrl: env.SLIPWAY_ROLES.includes('git') ? null : (env.SLIPWAY_GIT_URL ?? null),
    stateDir: env.SLIPWAY_ROLES.includes('git') ? (env.SLIPWAY_STATE_DIR ?? null) : null,
    publicUrl: env.SLIPWAY_URL,
    appsDomain: env.SLIPWAY_APPS_DOMAIN ?? null,
    appsScheme: env.SLIPWAY_APPS_SCHEME ?? null,
    appsPort: env.SLIPWAY_APPS_PORT ?? null,
    ...routingSettings(env),
    ...accountSettings(env),
    ...networkSettings(env, env.SLIPWAY_CLUSTER_KIND),
    ...mailSettings(env, (line) => incomplete([line])),
    registry: env.SLIPWAY_REGISTRY ?? null,
    registryPushUrl: env.SLIPWAY_REGISTRY_PUSH_URL ?? originOfRegistry(env.SLIPWAY_REGISTRY),
    registryConfig: registryConfigOf(env, (line) => incomplete([line])),
    registryTokenKey: env.SLIPWAY_REGISTRY_TOKEN_KEY ?? null,
    registryOperator: env.SLIPWAY_REGISTRY_TOKEN_KEY ? registryAccountOf(env, (line) => incomplete([line])) : null,
    baseImages: env.SLIPWAY_BASE_IMAGES ?? (env.SLIPWAY_CLUSTER_KIND === 'local' ? {} : DEFAULT_BASE_IMAGES),
    installation: env.SLIPWAY_INSTALLATION ?? null,
    internalUrl: env.SLIPWAY_INTERNAL_URL ?? null,
    builderImage: env.SLIPWAY_BUILDER_IMAGE ?? null,
    clusterKind: env.SLIPWAY_CLUSTER_KIND,
    secretKey: env.SLIPWAY_SECRET_KEY,
    sessionSecret: env.SLIPWAY_SESSION_SECRET,
    consoleUrl: env.SLIPWAY_CONSOLE_URL ?? null,
    buildConcurrency: env.SLIPWAY_BUILD_CONCURRENCY,
    limits: limitSettings(env),
    buildTimeoutMs: env.SLIPWAY_BUILD_TIMEOUT_MINUTES * 60_000,
    pushTimeoutMs: env.SLIPWAY_PUSH_TIMEOUT_MINUTES * 60_000,
    listenHost: env.SLIPWAY_LISTEN_HOST,
    listenPort: env.SLIPWAY_LISTEN_PORT,
    metricsPort: env.SLIPWAY_METRICS_PORT ?? null,
    logLevel: env.SLIPWAY_LOG_LEVEL,
    admin: adminOf(env.SLIPWAY_ADMIN_EMAIL, env.SLIPWAY_ADMIN_PASSWORD ?? readSecret(env.SLIPWAY_ADMIN_PASSWORD_FILE)),
    adminPasswordFile: env.SLIPWAY_ADMIN_PASSWORD_FILE ?? null,
  }
}

const adminOf = (email: string | undefined, password: string | undefined) =>
  email && password ? { email, password } : null

/** Undefined where the file is gone: the password was used. */
const readSecret = (file: string | undefined): string | undefined =>
  file !== undefined && existsSync(file) ? readFileSync(file, 'utf8').replace(/\r?\n$/, '') : undefined

const incomplete = (lines: readonly string[]) =>
  new Error(
    `The platform cannot start: its environment is not complete:\n${lines.map((line) => `  ${line}`).join('\n')}`,
  )

function lineOf(issue: z.core.$ZodIssue, environment: NodeJS.ProcessEnv): string {
  const name = String(issue.path[0])
  return environment[name] === undefined || environment[name] === ''
    ? `${name} is not set.`
    : `${name}: ${issue.message}.`
}

/** What a role needs beside what all need. */
function rolesMissing({ SLIPWAY_ROLES, SLIPWAY_STATE_DIR, SLIPWAY_GIT_URL }: NodeJS.ProcessEnv): string[] {
  const hasGit = !SLIPWAY_ROLES || SLIPWAY_ROLES.split(',').some((role) => role.trim() === 'git')
  if (hasGit) return SLIPWAY_STATE_DIR ? [] : ['SLIPWAY_STATE_DIR is not set.']
  return SLIPWAY_GIT_URL
    ? []
    : ['SLIPWAY_GIT_URL is not set: without the role git it is the address of the process that has it.']
}
