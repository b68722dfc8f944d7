import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type ApiServer, startApiServer } from '../../apiserver/server.ts'
import { startControllers } from '../../controllers/index.ts'
import { type IngressProxy, startIngress } from '../../ingress/index.ts'
import type { LocalApi } from '../../types/client.ts'
import { isNotFound } from '../../types/errors.ts'
import type { Json } from '../../types/objects.ts'
import type { Pod } from '../../types/pod.ts'
import { Events, Namespaces, Pods } from '../../types/resources.ts'
import { startNode } from '../index.ts'
import type { NodeAgent, NodeOptions } from '../options.ts'

/** The parts of the local cluster on a directory of their own, reached in process: real objects, real processes. */
export interface TestCluster {
  dir: string
  api: LocalApi
  server: ApiServer
  node: NodeAgent
  ingress: IngressProxy
  /** Errors that controllers met and retried. */
  errors: string[]
  stop(options?: { stopPods?: boolean }): Promise<void>
}

/** References that run on the machine's own programs. */
const HOST_IMAGE = 'host'
const HOST_IMAGES = [HOST_IMAGE, 'node:20', 'busybox:1.35']
export const NAMESPACE = 'test'

const noImages: NodeOptions['images'] = {
  lookup: async () => null,
  pull: async (reference) => {
    throw new Error(`failed to pull image "${reference}": not found`)
  },
}

export async function startTestCluster(
  options: {
    dir?: string
    holdMs?: number
    now?: () => number
    controllers?: Partial<Parameters<typeof startControllers>[1]>
  } & Partial<Omit<NodeOptions, 'api' | 'dir'>> = {},
): Promise<TestCluster> {
  const { dir: given, holdMs, now, controllers: settings, ...nodeOptions } = options
  const dir = given ?? mkdtempSync(join(tmpdir(), 'slipway-cluster-'))
  const errors: string[] = []
  const note = (what: string, error: unknown) => errors.push(`${what}: ${String(error)}`)
  const server = await startApiServer({
    dir: join(dir, 'objects'),
    port: 0,
    token: 'test',
    onInternalError: (error, request) => note(request, error),
  })
  const api = server.localApi('test')
  if ((await api.get(Namespaces, { name: NAMESPACE })) === null) {
    await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
  }
  const controllers = startControllers(api, {
    onError: (name, error) => note(name, error),
    volumesDir: join(dir, 'volumes'),
    ...(now === undefined ? {} : { now }),
    ...settings,
  })
  const node = await startNode({
    api,
    dir: join(dir, 'node'),
    images: noImages,
    hostPath: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    hostImages: HOST_IMAGES,
    hostDirs: [tmpdir()],
    ociRuntime: process.env.SLIPWAY_TEST_OCI_RUNTIME === 'none' ? 'none' : 'auto',
    crashBackoff: { baseMs: 300, maxMs: 3_000 },
    ...nodeOptions,
  })
  server.setKubelet(node.kubelet)
  const ingress = await startIngress({ api, port: 0, ...(holdMs === undefined ? {} : { holdMs }) })
  return {
    dir,
    api,
    server,
    node,
    ingress,
    errors,
    async stop({ stopPods = true } = {}) {
      await ingress.stop(1_000)
      await node.stop({ stopPods })
      await controllers.stop()
      await server.stop()
      if (given === undefined) rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Polls until `check` answers something; fails after half a minute, or `timeoutMs`, with what it was waiting for. */
export async function until<T>(
  what: string,
  check: () => Promise<T | null | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await check()
    if (value !== null && value !== undefined && value !== false) {
      // Watchers are told at the end of the turn in which something is there to be read.
      await new Promise((resolve) => setImmediate(resolve))
      return value
    }
    if (Date.now() > deadline) throw new Error(`timed out waiting until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

export const getPod = (cluster: TestCluster, name: string): Promise<Pod | null> =>
  cluster.api.get<Pod>(Pods, { namespace: NAMESPACE, name })

/** Waits for a pod about which `check` is true. */
export async function untilPod(
  cluster: TestCluster,
  name: string,
  what: string,
  check: (pod: Pod) => boolean,
): Promise<Pod> {
  let last: Pod | null = null
  try {
    return await until(`pod ${name} ${what}`, async () => {
      last = await getPod(cluster, name)
      return last !== null && check(last) ? last : null
    })
  } catch (error) {
    throw new Error(`${String(error)}; its status: ${JSON.stringify((last as Pod | null)?.status)}`)
  }
}

export async function createPod(cluster: TestCluster, name: string, spec: Record<string, unknown>): Promise<Pod> {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: NAMESPACE }, spec }
  return cluster.api.create<Pod>(object as Parameters<LocalApi['create']>[0])
}

/** A container that runs a shell script. */
export const shell = (name: string, script: string, more: Record<string, Json> = {}) => ({
  name,
  image: HOST_IMAGE,
  command: ['sh', '-c', script],
  ...more,
})

/** Reasons and messages of the events about an object, oldest first. */
export async function eventsAbout(
  cluster: TestCluster,
  name: string,
): Promise<{ reason: string; message: string; count: number }[]> {
  const { items } = await cluster.api.list(Events, { namespace: NAMESPACE })
  return items
    .map(
      (item) =>
        item as unknown as { involvedObject: { name: string }; reason: string; message: string; count?: number },
    )
    .filter((event) => event.involvedObject.name === name)
    .map(({ reason, message, count = 1 }) => ({ reason, message, count }))
}

export async function readPodLog(
  cluster: TestCluster,
  pod: Pod,
  options: { container?: string; previous?: boolean } = {},
) {
  const reading = { follow: false, previous: options.previous ?? false, timestamps: false }
  const container = options.container ?? pod.spec.containers[0]?.name ?? ''
  const chunks: Uint8Array[] = []
  const signal = new AbortController().signal
  for await (const chunk of cluster.node.kubelet.readLog(pod, { container, ...reading }, signal)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

export async function deletePod(cluster: TestCluster, name: string, gracePeriodSeconds?: number): Promise<void> {
  try {
    const options = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }
    await cluster.api.delete(Pods, { namespace: NAMESPACE, name }, options)
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

/** Runs a command in the pod's first container. */
export async function runInPod(
  cluster: TestCluster,
  pod: Pod,
  command: string[],
): Promise<{ code: number; output: string }> {
  const container = pod.spec.containers[0]?.name ?? ''
  const signal = new AbortController().signal
  const child = await cluster.node.kubelet.exec(pod, { container, command, tty: false, signal })
  child.stdin?.end()
  child.stderr?.resume()
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  return { code: await child.exitCode, output }
}
