import path from 'node:path'
import { inheritedEnv, type LauncherEnv, ROOT } from './env.ts'
import type { PartDefinition } from './part.ts'
import type { PartPorts } from './ports.ts'
import { publicKeyOf, type Secrets } from './secrets.ts'

/** What the parts are told beyond what a person set. */
export interface Wiring {
  env: LauncherEnv
  ports: PartPorts
  secrets: Secrets
  databaseUrl: string
  /** Kubeconfig that the platform uses. */
  kubeconfig: string
}

const NODE_FLAGS = [
  '--disable-warning=ExperimentalWarning',
  // MiB. With the default of 16 each part keeps 20 to 50 MiB of young garbage.
  '--max-semi-space-size=2',
  ...['--import', path.join(import.meta.dirname, 'exit-with-parent.ts')],
]
/**
 * Where Node keeps what it compiled, with the dependencies, so that an upgrade begins anew. From the environment: only then a start
 * that finds everything in it does without the TypeScript compiler, which takes 20 MiB of each part.
 */
const COMPILED = { NODE_COMPILE_CACHE: path.join(ROOT, 'node_modules/.cache/slipway') }

const local = (port: number) => `http://127.0.0.1:${port}`
const logFile = (env: LauncherEnv, name: string) => path.join(env.stateDir, 'logs', `${name}.log`)

/** Path of the kubeconfig that the local cluster writes for the platform when it is up; the administrator's is beside it. */
export const localKubeconfig = (env: LauncherEnv) => path.join(env.stateDir, 'cluster', 'platform.kubeconfig')

const clusterSettings = (env: LauncherEnv) =>
  Object.fromEntries(Object.entries(env.platform).filter(([name]) => name.startsWith('SLIPWAY_CLUSTER_')))

/** packages/local-cluster: the Kubernetes API, registry, node and ingress. */
export function localClusterPart({ env, ports, secrets }: Pick<Wiring, 'env' | 'ports' | 'secrets'>): PartDefinition {
  return {
    name: 'Local cluster',
    args: [...NODE_FLAGS, path.join(ROOT, 'packages/local-cluster/src/main.ts')],
    cwd: ROOT,
    env: {
      ...inheritedEnv(),
      ...COMPILED,
      ...clusterSettings(env),
      SLIPWAY_CLUSTER_STATE_DIR: path.join(env.stateDir, 'cluster'),
      // Its own directory is but a part of what no app may see.
      SLIPWAY_CLUSTER_HIDDEN_DIR: env.stateDir,
      SLIPWAY_CLUSTER_API_PORT: String(ports.clusterApi),
      SLIPWAY_CLUSTER_INGRESS_PORT: String(ports.ingress),
      SLIPWAY_CLUSTER_DEFAULT_BACKEND: local(ports.platform),
      SLIPWAY_CLUSTER_TOKEN: secrets.clusterToken,
      SLIPWAY_CLUSTER_PLATFORM_ACCESS: path.join(ROOT, 'infra/kubernetes/base/access.yaml'),
      // By way of the edge, which holds requests while the platform is started again.
      SLIPWAY_CLUSTER_REGISTRY_TOKENS: JSON.stringify({
        publicKey: publicKeyOf(secrets.registryTokenKey),
        realm: `${local(env.port)}/registry/token`,
      }),
      SLIPWAY_LOG_LEVEL: env.logLevel,
    },
    logFile: logFile(env, 'local-cluster'),
    readyUrl: `${local(ports.clusterApi)}/readyz`,
    stopTimeoutMs: 45_000,
  }
}

/** apps/platform: the API, git, webhooks, reconcilers. */
export function platformPart({ env, ports, secrets, databaseUrl, kubeconfig }: Wiring): PartDefinition {
  const embedded: Record<string, string> =
    env.kubeconfig === null
      ? {
          SLIPWAY_APPS_DOMAIN: 'localhost',
          SLIPWAY_INGRESS_CLASS: 'slipway',
          SLIPWAY_REGISTRY: 'registry.slipway.internal',
          SLIPWAY_REGISTRY_PUSH_URL: local(ports.clusterApi),
          // Another registry has credentials of its own.
          ...(env.platform.SLIPWAY_REGISTRY === undefined
            ? { SLIPWAY_REGISTRY_TOKEN_KEY: secrets.registryTokenKey }
            : {}),
        }
      : {}
  return {
    name: 'Platform',
    args: [...NODE_FLAGS, path.join(ROOT, 'apps/platform/src/main.ts')],
    cwd: ROOT,
    env: {
      ...inheritedEnv(),
      ...COMPILED,
      ...embedded,
      SLIPWAY_INTERNAL_URL: local(ports.platform),
      ...env.platform,
      SLIPWAY_CLUSTER_KIND: env.kubeconfig === null ? 'local' : 'kubernetes',
      SLIPWAY_URL: env.url,
      SLIPWAY_STATE_DIR: path.join(env.stateDir, 'platform'),
      SLIPWAY_SECRET_KEY: secrets.secretKey,
      SLIPWAY_SESSION_SECRET: secrets.sessionSecret,
      SLIPWAY_CONSOLE_URL: local(ports.console),
      SLIPWAY_LISTEN_HOST: '127.0.0.1',
      SLIPWAY_LISTEN_PORT: String(ports.platform),
      SLIPWAY_LOG_LEVEL: env.logLevel,
      DATABASE_URL: databaseUrl,
      KUBECONFIG: kubeconfig,
    },
    logFile: logFile(env, 'platform'),
    readyUrl: `${local(ports.platform)}/readyz`,
    stopTimeoutMs: 30_000,
  }
}

/** apps/console: the pages. */
export function consolePart({ env, ports, secrets }: Pick<Wiring, 'env' | 'ports' | 'secrets'>): PartDefinition {
  return {
    name: 'Console',
    args: [...NODE_FLAGS, path.join(ROOT, 'apps/console/server.mjs')],
    cwd: ROOT,
    env: {
      ...inheritedEnv(),
      ...COMPILED,
      NODE_ENV: 'production',
      HOSTNAME: '127.0.0.1',
      PORT: String(ports.console),
      NEXT_TELEMETRY_DISABLED: '1',
      SLIPWAY_URL: env.url,
      SLIPWAY_PLATFORM_URL: local(ports.platform),
      SLIPWAY_SESSION_SECRET: secrets.sessionSecret,
      NEXTAUTH_SECRET: secrets.sessionSecret,
      NEXTAUTH_URL: env.url,
    },
    logFile: logFile(env, 'console'),
    readyUrl: `${local(ports.console)}/api/auth/csrf`,
    stopTimeoutMs: 10_000,
  }
}
