import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { leftover } from '../leftovers.ts'
import { end, residentMiB } from '../programs.ts'

/** A server in a process of its own, spoken to over HTTP. */
export interface Server {
  url: string
  /** Where it keeps its kubeconfig; empty of a bare server. */
  stateDir: string
  /** Sent with every request. */
  headers: Record<string, string>
  memoryMiB(): number
  stop(): Promise<void>
}

const START_TIMEOUT_MS = 60_000
const MAIN = createRequire(import.meta.url).resolve('@slipway/local-cluster/main')
const readySchema = z.object({ type: z.literal('ready'), apiUrl: z.url() })
const addressSchema = z.object({ port: z.number() })

/** packages/local-cluster as the launcher starts it, on a state directory of its own; with simulated pods where that is asked for. */
export async function startCluster(pods: { runtime: 'simulated'; speed: number } | null = null): Promise<Server> {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'slipway-bench-cluster-'))
  const { child, message } = await start(MAIN, {
    SLIPWAY_CLUSTER_STATE_DIR: stateDir,
    SLIPWAY_CLUSTER_API_PORT: '0',
    SLIPWAY_CLUSTER_INGRESS_PORT: '0',
    SLIPWAY_CLUSTER_TOKEN: 'bench',
    SLIPWAY_LOG_LEVEL: 'error',
    ...(pods === null
      ? {}
      : { SLIPWAY_CLUSTER_RUNTIME: pods.runtime, SLIPWAY_CLUSTER_SIMULATION_SPEED: String(pods.speed) }),
  })
  await readFile(path.join(stateDir, 'kubeconfig'))
  return {
    // One port answers TLS and plain HTTP; the baseline has no TLS either.
    url: readySchema.parse(message).apiUrl.replace('https:', 'http:'),
    stateDir,
    headers: { authorization: 'Bearer bench' },
    memoryMiB: () => residentMiB(child.pid ?? 0),
    stop: leftover(async () => {
      await end(child)
      await rm(stateDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    }),
  }
}

/** The bare server of server.ts. */
export async function startBare(): Promise<Server> {
  const { child, message } = await start(path.join(import.meta.dirname, 'server.ts'), {})
  return {
    url: `http://127.0.0.1:${addressSchema.parse(message).port}`,
    stateDir: '',
    headers: {},
    memoryMiB: () => residentMiB(child.pid ?? 0),
    stop: () => end(child),
  }
}

async function start(file: string, env: Record<string, string>) {
  const child = fork(file, [], {
    env: { NODE_ENV: 'production', PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [message] = await Promise.race([
    once(child, 'message', { signal: AbortSignal.timeout(START_TIMEOUT_MS) }),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`${file} ended with ${code}`))),
  ])
  return { child, message: message as unknown }
}
