import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { PlatformSettings } from '../env.ts'

/** A platform that runs as a process of its own. */
export interface ChildPlatform {
  url: string
  pid: number
  /** SIGKILL. */
  kill(): Promise<void>
  close(): Promise<void>
}

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
const START_TIMEOUT_MS = 60_000
const readySchema = z.object({ ready: z.literal(true), url: z.string() })

/** Starts main.ts with the settings as its environment. Its log goes to stderr, or to `log`. */
export async function startChildPlatform(
  settings: PlatformSettings,
  log?: (text: string) => void,
): Promise<ChildPlatform> {
  const child = fork(MAIN, [], {
    env: { NODE_ENV: 'test', PATH: process.env.PATH, ...environmentOf(settings) },
    stdio: log === undefined ? ['ignore', 'inherit', 'inherit', 'ipc'] : ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: ['--no-warnings'],
  })
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => log?.(text))
  const [message] = await Promise.race([
    once(child, 'message', { signal: AbortSignal.timeout(START_TIMEOUT_MS) }),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the platform ended with ${code} before it was ready`)
    }),
  ])
  const { url } = readySchema.parse(message)
  const end = (signal: NodeJS.Signals) => endOf(child, signal)
  return { url, pid: child.pid ?? 0, kill: () => end('SIGKILL'), close: () => end('SIGTERM') }
}

async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

function environmentOf(settings: PlatformSettings): Record<string, string> {
  const all: Record<string, string | number | null> = {
    DATABASE_URL: settings.databaseUrl,
    KUBECONFIG: settings.kubeconfigPath,
    SLIPWAY_ROLES: settings.roles.join(','),
    SLIPWAY_GIT_URL: settings.gitUrl,
    SLIPWAY_STATE_DIR: settings.stateDir,
    SLIPWAY_URL: settings.publicUrl,
    SLIPWAY_APPS_DOMAIN: settings.appsDomain,
    SLIPWAY_INGRESS_CLASS: settings.ingressClass,
    SLIPWAY_TRUSTED_PROXIES: settings.trustedProxies.join(','),
    SLIPWAY_VERIFY_DOMAINS: settings.verifyDomains,
    SLIPWAY_DNS_SERVERS: settings.dnsServers.join(','),
    SLIPWAY_ALLOW_PRIVATE_FETCH: settings.privateFetch.join(','),
    SLIPWAY_REGISTRY: settings.registry,
    SLIPWAY_REGISTRY_PUSH_URL: settings.registryPushUrl,
    SLIPWAY_REGISTRY_TOKEN_KEY: settings.registryTokenKey,
    SLIPWAY_REGISTRY_USERNAME: settings.registryOperator?.username ?? null,
    SLIPWAY_REGISTRY_PASSWORD: settings.registryOperator?.password ?? null,
    SLIPWAY_INTERNAL_URL: settings.internalUrl,
    SLIPWAY_BUILDER_IMAGE: settings.builderImage,
    SLIPWAY_CLUSTER_KIND: settings.clusterKind,
    SLIPWAY_SECRET_KEY: settings.secretKey,
    SLIPWAY_SESSION_SECRET: settings.sessionSecret,
    SLIPWAY_CONSOLE_URL: settings.consoleUrl,
    SLIPWAY_BUILD_CONCURRENCY: settings.buildConcurrency,
    SLIPWAY_LIMIT_CALLS: settings.limits.calls,
    SLIPWAY_BUILD_TIMEOUT_MINUTES: settings.buildTimeoutMs / 60_000,
    SLIPWAY_PUSH_TIMEOUT_MINUTES: settings.pushTimeoutMs / 60_000,
    SLIPWAY_LISTEN_HOST: settings.listenHost,
    SLIPWAY_LISTEN_PORT: settings.listenPort,
    SLIPWAY_METRICS_PORT: settings.metricsPort,
    SLIPWAY_LOG_LEVEL: settings.logLevel,
    SLIPWAY_ADMIN_EMAIL: settings.admin?.email ?? null,
    SLIPWAY_ADMIN_PASSWORD: settings.admin?.password ?? null,
  }
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])),
  )
}
