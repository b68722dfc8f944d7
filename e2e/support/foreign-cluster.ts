import { fork } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { buildImage, createBuildLog } from '../../packages/builder/src/index.ts'
import { guardCluster, platformRules } from './guarded-cluster.ts'
import { ROOT } from './installation.ts'

/** A cluster that Slipway did not start, which lets it do what infra/kubernetes/base grants. */
export interface ForeignCluster {
  kubeconfig: string
  /** Where the platform reaches it: the guard. */
  url: string
  refused: readonly string[]
  used: ReadonlySet<string>
  /** How many objects a list has, by its path; asked of the cluster itself, past the guard. */
  count(path: string): Promise<number>
  /** Builds a folder and pushes the image to the registry that this cluster pulls from; answers its reference. */
  publish(folder: string): Promise<string>
  stop(): Promise<void>
}

const TOKEN = 'the-account-of-slipway'
const readySchema = z.object({ type: z.literal('ready'), apiUrl: z.url() })
const START_TIMEOUT_MS = 60_000

/** Runs packages/local-cluster as a process of its own, with no ties to the launcher. */
export async function startForeignCluster(): Promise<ForeignCluster> {
  const dir = mkdtempSync(path.join(tmpdir(), 'slipway-foreign-'))
  const child = fork(path.join(ROOT, 'packages/local-cluster/src/main.ts'), [], {
    env: {
      NODE_ENV: 'production',
      PATH: process.env.PATH,
      SLIPWAY_CLUSTER_STATE_DIR: path.join(dir, 'cluster'),
      SLIPWAY_CLUSTER_API_PORT: '0',
      SLIPWAY_CLUSTER_INGRESS_PORT: '0',
      SLIPWAY_CLUSTER_TOKEN: TOKEN,
      SLIPWAY_LOG_LEVEL: 'error',
    },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [message] = await once(child, 'message', { signal: AbortSignal.timeout(START_TIMEOUT_MS) })
  // The port answers TLS and plain HTTP; the guard reads what passes.
  const clusterUrl = readySchema.parse(message).apiUrl.replace('https:', 'http:')
  const guard = await guardCluster(clusterUrl, platformRules())
  const kubeconfig = path.join(dir, 'kubeconfig')
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigFor(guard.url)), { mode: 0o600 })
  return {
    kubeconfig,
    url: guard.url,
    refused: guard.refused,
    used: guard.used,
    async count(list) {
      const response = await fetch(`${clusterUrl}${list}`, { headers: { authorization: `Bearer ${TOKEN}` } })
      return z.object({ items: z.array(z.unknown()) }).parse(await response.json()).items.length
    },
    publish: (folder) => publish(folder, clusterUrl, dir),
    async stop() {
      await guard.close()
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
      rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

async function publish(folder: string, registryUrl: string, dir: string): Promise<string> {
  const sourceDir = path.join(dir, 'source')
  cpSync(folder, sourceDir, { recursive: true })
  const { image } = await buildImage({
    sourceDir,
    cacheDir: path.join(dir, 'cache'),
    registryUrl,
    // Images below the registry's name are the team's that the path begins with.
    repository: 'acme/elsewhere',
    imagePrefix: 'registry.slipway.internal',
    env: { PATH: process.env.PATH ?? '' },
    signal: AbortSignal.timeout(120_000),
    log: createBuildLog(() => undefined),
  })
  return image
}

const kubeconfigFor = (server: string) => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'foreign', cluster: { server } }],
  users: [{ name: 'slipway', user: { token: TOKEN } }],
  contexts: [{ name: 'foreign', context: { cluster: 'foreign', user: 'slipway' } }],
  'current-context': 'foreign',
})
