import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppsV1Api, CoreV1Api, KubeConfig, KubernetesObjectApi, PatchStrategy, Watch } from '@kubernetes/client-node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from './testing/api.ts'

const LIVES = 4
const WRITERS = 5
const OBJECTS = 6
/** Answered writes of a life, at least, before it is killed. */
const WRITES = 30
const namespace = 'default'

let stateDir = ''
let child: ChildProcess | null = null
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'slipway-killed-'))
})
afterEach(async () => {
  if (child !== null && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  child = null
  rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 })
})

async function start(): Promise<KubeConfig> {
  child = fork(new URL('./main.ts', import.meta.url).pathname, [], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: {
      NODE_ENV: 'test',
      PATH: process.env.PATH ?? '',
      SLIPWAY_CLUSTER_STATE_DIR: stateDir,
      SLIPWAY_CLUSTER_API_PORT: '0',
      SLIPWAY_CLUSTER_INGRESS_PORT: '0',
      SLIPWAY_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  await once(child, 'message')
  const config = new KubeConfig()
  config.loadFromFile(join(stateDir, 'kubeconfig'))
  return config
}

async function kill(): Promise<void> {
  if (child === null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  expect((await ended)[1]).toBe('SIGKILL')
}

/** Numbers that are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What an object is known to be: its value, or null for none. While a write is on its way it may be either. */
interface Known {
  value: string | null
  onItsWay: { value: string | null } | null
}

type Write = (client: KubernetesObjectApi, name: string, value: string) => Promise<unknown>

const configMap = (name: string, value: string, owner: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels: { owner } },
  data: { value },
})

/** Ways of writing, for an object that is there. */
const changes: Record<string, Write> = {
  patch: (client, name, value) =>
    client.patch(
      { ...configMap(name, value, ''), metadata: { name, namespace } },
      undefined,
      undefined,
      undefined,
      undefined,
      PatchStrategy.MergePatch,
    ),
  apply: (client, name, value) =>
    client.patch(
      { ...configMap(name, value, ''), metadata: { name, namespace } },
      undefined,
      undefined,
      'test',
      true,
      PatchStrategy.ServerSideApply,
    ),
  async replace(client, name, value) {
    const present = await client.read({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } })
    return client.replace({ ...present, ...{ data: { value } } })
  },
}

/** Writes to its own objects until the cluster dies under it; every answer is noted, and what was being written when none came. */
async function writeUntilDeath(
  config: KubeConfig,
  writer: number,
  known: Map<string, Known>,
  random: () => number,
  answered: () => void,
): Promise<void> {
  const client = KubernetesObjectApi.makeApiClient(config)
  const owner = `writer-${writer}`
  const tell = async (name: string, value: string | null, write: () => Promise<unknown>) => {
    const entry = known.get(name) ?? { value: null, onItsWay: null }
    known.set(name, entry)
    entry.onItsWay = { value }
    await write()
    Object.assign(entry, { value, onItsWay: null })
    answered()
  }
  for (let writes = 0; ; writes += 1) {
    const name = `${owner}-${Math.floor(random() * OBJECTS)}`
    const value = `${writes}-${'x'.repeat(Math.floor(random() * 2_000))}`
    const isThere = (known.get(name)?.value ?? null) !== null
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } }
    try {
      if (!isThere) await tell(name, value, () => client.create(configMap(name, value, owner)))
      else if (random() < 0.2) await tell(name, null, () => client.delete(body))
      else {
        const [change = 'patch'] = Object.keys(changes).sort(() => random() - 0.5)
        await tell(name, value, () => changes[change]?.(client, name, value) ?? Promise.resolve())
      }
    } catch (error) {
      // An answer of the server is one; without an answer the cluster is dead.
      if (error instanceof Error && 'code' in error && typeof error.code === 'number') throw error
      return
    }
  }
}

async function checkObjects(config: KubeConfig, known: Map<string, Known>): Promise<number> {
  const core = config.makeApiClient(CoreV1Api)
  const { items, metadata } = await core.listNamespacedConfigMap({ namespace, labelSelector: 'owner' })
  const found = new Map(items.map((object) => [object.metadata?.name ?? '', object.data?.value ?? '']))
  for (const [name, entry] of known) {
    const value = found.get(name) ?? null
    const possible = entry.onItsWay === null ? [entry.value] : [entry.value, entry.onItsWay.value]
    expect(
      possible.map((each) => each?.slice(0, 40) ?? null),
      name,
    ).toContain(value?.slice(0, 40) ?? null)
    expect(possible).toContain(value)
    Object.assign(entry, { value, onItsWay: null })
  }
  for (const name of found.keys()) expect([...known.keys()]).toContain(name)
  return Number(metadata?.resourceVersion)
}

const script = 'trap "exit 0" TERM; while true; do sleep 0.2; done'
const kept = {
  metadata: { name: 'kept' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'kept' } },
    template: {
      metadata: { labels: { app: 'kept' } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'app', image: 'busybox', command: ['sh', '-c', script] }],
      },
    },
  },
}

async function keptPods(config: KubeConfig): Promise<string[]> {
  const { items } = await config.makeApiClient(CoreV1Api).listNamespacedPod({ namespace, labelSelector: 'app=kept' })
  const ready = items.filter(({ status }) => status?.containerStatuses?.[0]?.ready === true)
  return ready.map(({ status }) => status?.containerStatuses?.[0]?.containerID ?? '').sort()
}

/** A watch from a version of an earlier life either goes on from there or says that it is too old. */
async function watchFrom(config: KubeConfig, resourceVersion: number): Promise<'goes on' | 'too old'> {
  const { promise, resolve } = Promise.withResolvers<'goes on' | 'too old'>()
  const query = { resourceVersion: String(resourceVersion), timeoutSeconds: 1 }
  const request = await new Watch(config).watch(
    `/api/v1/namespaces/${namespace}/configmaps`,
    query,
    (type, object: { code?: number }) => {
      if (type === 'ERROR') resolve(object.code === 410 ? 'too old' : 'goes on')
    },
    () => resolve('goes on'),
  )
  const answer = await promise
  request.abort()
  return answer
}

test('killed at random while all of the API writes, again and again: what was answered is there, and everything goes on', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  process.stdout.write(`killed at random, seed ${seed}\n`)
  const random = randomFrom(seed)
  const known = new Map<string, Known>()
  let config = await start()
  await config.makeApiClient(AppsV1Api).createNamespacedDeployment({ namespace, body: kept })
  await eventually(async () => (await keptPods(config)).length === 2, 60_000)
  const containers = await keptPods(config)
  let version = 0
  for (let life = 0; life < LIVES; life += 1) {
    let writes = 0
    const enough = Promise.withResolvers<void>()
    const answered = () => {
      writes += 1
      if (writes === WRITES) enough.resolve()
    }
    const writers = Promise.all(
      Array.from({ length: WRITERS }, (_, writer) => writeUntilDeath(config, writer, known, random, answered)),
    )
    // A writer ends early only by an error of the server, which is thrown here.
    await Promise.race([enough.promise, writers])
    await sleep(random() * 1_500)
    await kill()
    await writers
    config = await start()
    const now = await checkObjects(config, known)
    expect(now).toBeGreaterThan(version)
    if (version > 0) expect(['goes on', 'too old']).toContain(await watchFrom(config, version))
    version = now
    // The same containers: adopted, not started again.
    await eventually(async () => (await keptPods(config)).length === 2, 60_000)
    expect(await keptPods(config)).toEqual(containers)
  }
  // Controllers are where they were: a change is carried out.
  const apps = config.makeApiClient(AppsV1Api)
  const { metadata, ...scale } = await apps.readNamespacedDeploymentScale({ namespace, name: 'kept' })
  await apps.replaceNamespacedDeploymentScale({
    namespace,
    name: 'kept',
    body: { ...scale, metadata: metadata ?? {}, spec: { replicas: 3 } },
  })
  await eventually(async () => (await keptPods(config)).length === 3, 60_000)
}, 180_000)
