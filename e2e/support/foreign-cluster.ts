import { fork } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { buildImage, createBuildLog } from '../../packages/builder/src/index.ts'
import { ROOT } from './installation.ts'

/** A cluster that Slipway did not start, which lets it do what infra/kubernetes/base grants. */
export interface ForeignCluster {
  /** Of the account that infra/kubernetes/base makes for the platform. */
  kubeconfig: string
  /** What that account asked for and was refused. */
  refused: readonly string[]
  /** How many objects a list has, by its path; asked as the administrator. */
  count(path: string): Promise<number>
  /** Builds a folder and pushes the image to the registry that this cluster pulls from; answers its reference. */
  publish(folder: string): Promise<string>
  stop(): Promise<void>
}

const TOKEN = 'the-administrator-of-the-cluster'
const ACCESS = path.join(ROOT, 'infra/kubernetes/base/access.yaml')
const readySchema = z.object({ type: z.literal('ready'), apiUrl: z.url() })
const refusalSchema = z.object({ msg: z.literal('A request was refused'), verb: z.string(), resource: z.string() })
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
      SLIPWAY_CLUSTER_PLATFORM_ACCESS: ACCESS,
      SLIPWAY_LOG_LEVEL: 'warn',
    },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const refused: string[] = []
  if (child.stdout !== null) collectRefusals(child.stdout, refused)
  const [message] = await once(child, 'message', { signal: AbortSignal.timeout(START_TIMEOUT_MS) })
  // The port answers TLS and plain HTTP.
  const clusterUrl = readySchema.parse(message).apiUrl.replace('https:', 'http:')
  const kubeconfig = path.join(dir, 'kubeconfig')
  cpSync(path.join(dir, 'cluster/platform.kubeconfig'), kubeconfig)
  return {
    kubeconfig,
    refused,
    async count(list) {
      const response = await fetch(`${clusterUrl}${list}`, { headers: { authorization: `Bearer ${TOKEN}` } })
      return z.object({ items: z.array(z.unknown()) }).parse(await response.json()).items.length
    },
    publish: (folder) => publish(folder, clusterUrl, dir),
    async stop() {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
      rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

/** Other lines of its log are shown. */
function collectRefusals(output: Readable, refused: string[]): void {
  createInterface({ input: output }).on('line', (line) => {
    const { data: refusal } = refusalSchema.safeParse(line.startsWith('{') ? JSON.parse(line) : line)
    if (refusal === undefined) process.stdout.write(`${line}\n`)
    else refused.push(`${refusal.verb} ${refusal.resource}`)
  })
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
