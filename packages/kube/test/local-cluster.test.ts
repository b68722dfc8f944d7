import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type LocalCluster, startLocalCluster } from '@slipway/local-cluster'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  type Cluster,
  ConfigMaps,
  connectCluster,
  type KubeObject,
  Namespaces,
  Pods,
  type RemoteCommandOptions,
} from '../src/index.ts'
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts'

// The client against a whole cluster, through a proxy that cuts its connections: nothing may be lost, nothing may go silent.

const hasTerminals = process.platform === 'linux' && existsSync('/usr/bin/script')

let dir: string
let local: LocalCluster
let proxy: CuttingProxy
/** Straight to the cluster, and through the proxy. */
let direct: Cluster
let cluster: Cluster

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-kube-'))
  local = await startLocalCluster({ stateDir: path.join(dir, 'cluster'), apiPort: 0, ingressPort: 0 })
  const { hostname, port } = new URL(local.apiUrl)
  proxy = await startCuttingProxy({ host: hostname, port: Number(port) })
  const kubeconfig = await readFile(local.kubeconfigPath, 'utf8')
  const proxied = path.join(dir, 'kubeconfig')
  await writeFile(proxied, kubeconfig.replace(`${hostname}:${port}`, `${hostname}:${proxy.port}`))
  direct = await connectCluster({ kubeconfigPath: local.kubeconfigPath })
  cluster = await connectCluster({ kubeconfigPath: proxied })
  await direct.apply({ apiVersion: 'v1', kind: Namespaces.kind, metadata: { name: 'cuts' } })
})
afterAll(async () => {
  await cluster?.close()
  await direct?.close()
  await proxy?.close()
  await local?.stop()
  await rm(dir, { recursive: true, force: true })
})

type ConfigMap = KubeObject & { data?: Record<string, string> }
const configMap = (name: string, value: number): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'cuts', labels: { written: 'yes' } },
  data: { value: String(value) },
})

describe('an informer whose connections are cut', () => {
  it('holds what the cluster holds, and told every change of state on the way', async () => {
    const informer = cluster.informer<ConfigMap>(ConfigMaps, {
      namespace: 'cuts',
      labelSelector: 'written=yes',
      backoff: { baseMs: 5, maxMs: 50 },
    })
    // What listeners were told must add up to what is there.
    const told = new Map<string, string | undefined>()
    informer.onChange((change, { metadata, data }) => {
      if (change === 'deleted') told.delete(metadata.name)
      else told.set(metadata.name, data?.value)
    })
    informer.start()
    await informer.synced()
    let cuts = 0
    for (let round = 0; round < 60; round += 1) {
      await direct.apply(configMap(`c${round % 17}`, round))
      if (round % 5 === 4) {
        const name = `c${(round * 7) % 17}`
        await direct.delete({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'cuts', name })
      }
      if (round % 4 === 1) cuts += proxy.cut()
      if (round === 20) proxy.refuse(true)
      if (round === 30) proxy.refuse(false)
      await sleep(5)
    }
    const { items } = await direct.list<ConfigMap>(ConfigMaps, { namespace: 'cuts', labelSelector: 'written=yes' })
    const wanted = Object.fromEntries(items.map(({ metadata, data }) => [metadata.name, data?.value]))
    const held = () => Object.fromEntries(informer.list().map(({ metadata, data }) => [metadata.name, data?.value]))
    await expect.poll(held, { timeout: 20_000 }).toEqual(wanted)
    expect(Object.fromEntries(told)).toEqual(wanted)
    expect(cuts).toBeGreaterThan(0)
    expect(informer.stats()).toMatchObject({ missedByWatch: 0, connected: true })
    expect(informer.stats().failures).toBeGreaterThan(0)
    await informer.stop()
  })

  it('hears of the first change after a cut in the quiet', async () => {
    const informer = cluster.informer<ConfigMap>(ConfigMaps, { namespace: 'cuts', backoff: { baseMs: 5, maxMs: 50 } })
    informer.start()
    await informer.synced()
    await expect.poll(() => informer.stats().connected).toBe(true)
    expect(proxy.cut()).toBeGreaterThan(0)
    await direct.apply(configMap('after', 1))
    await expect.poll(() => informer.get('cuts', 'after')?.data?.value, { timeout: 20_000 }).toBe('1')
    await informer.stop()
  })
})

describe('a request whose connection is cut', () => {
  it('fails instead of hanging, and the next one goes through', async () => {
    proxy.refuse(true)
    proxy.cut()
    await expect(cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: 'cuts' })).rejects.toThrow()
    proxy.refuse(false)
    expect(await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: 'cuts' })).toMatchObject({
      metadata: { name: 'cuts' },
    })
  })

  it('ends a pruning half-way, and pruning again ends it whole', async () => {
    const scope = { namespace: 'cuts', labelSelector: 'written=yes', types: [ConfigMaps], keep: () => false }
    for (let index = 0; index < 20; index += 1) await direct.apply(configMap(`p${index}`, index))
    const pruning = cluster.prune(scope).catch(() => [])
    proxy.cut()
    await pruning
    await cluster.prune(scope)
    expect((await direct.list(ConfigMaps, { namespace: 'cuts', labelSelector: 'written=yes' })).items).toEqual([])
  })
})

describe('a container', () => {
  const pod = { namespace: 'cuts', name: 'ticks' }
  beforeAll(async () => {
    await direct.apply(ticking(pod.name))
    await vi.waitFor(async () => expect(await direct.readLog(pod)).toContain('tick'), {
      timeout: 30_000,
      interval: 200,
    })
  })
  afterAll(() => direct.delete({ apiVersion: 'v1', kind: Pods.kind, ...pod }, { gracePeriodSeconds: 0 }))

  it('whose followed log is cut makes it throw, instead of ending as if the container had', async () => {
    let lines = 0
    const following = (async () => {
      for await (const line of cluster.followLog(pod, { signal: AbortSignal.timeout(30_000) })) {
        expect(line).toBe('tick')
        lines += 1
        if (lines === 3) proxy.cut()
      }
    })()
    await expect(following).rejects.toThrow()
    expect(lines).toBeGreaterThanOrEqual(3)
  })

  it('ends a followed log in peace when the follower stops', async () => {
    const stop = new AbortController()
    for await (const line of cluster.followLog(pod, { signal: stop.signal })) {
      expect(line).toBe('tick')
      stop.abort()
    }
  })

  const connection = (said: { text: string }, options: Partial<RemoteCommandOptions> = {}): RemoteCommandOptions => ({
    ...{ container: 'app', tty: false, stdin: false, output: true },
    onOutput: (stream, data) => {
      said.text += options.tty === true ? data : `${stream} ${data}`
    },
    ...options,
  })

  it('runs a command, which throws when it is cut', async () => {
    const said = { text: '' }
    const command = await cluster.exec(
      pod,
      ['sh', '-c', 'cat; echo err >&2; exit 3'],
      connection(said, { stdin: true }),
    )
    command.write(Buffer.from('in\n'))
    command.endInput()
    expect(await command.ended).toEqual({ exitCode: 3 })
    expect(said.text).toContain('stdout in\n')
    expect(said.text).toContain('stderr err\n')
    const cut = await cluster.exec(pod, ['sleep', '60'], connection(said))
    const timer = setInterval(() => proxy.cut(), 200)
    await expect(cut.ended).rejects.toThrow()
    clearInterval(timer)
  })

  it.runIf(hasTerminals)(
    'attaches to a program in a terminal, again after a cut: its output, input and size',
    async () => {
      const command = ['sh', '-c', 'while read -r line; do echo "got $line of $(stty size)"; done']
      await direct.apply(podOf('shell', { command, tty: true, stdin: true }))
      const at = { namespace: 'cuts', name: 'shell' }
      await expect.poll(() => phaseOf('shell'), { timeout: 60_000 }).toBe('Running')
      for (const word of ['first', 'second']) {
        const said = { text: '' }
        const attached = await cluster.attach(at, connection(said, { tty: true, stdin: true }))
        attached.resize({ columns: 91, rows: 37 })
        // The size arrives a moment later than the first line.
        await expect
          .poll(
            () => {
              attached.write(Buffer.from(`${word}\n`))
              return said.text
            },
            { timeout: 30_000, interval: 200 },
          )
          .toContain(`got ${word} of 37 91\r\n`)
        proxy.cut()
        await expect(attached.ended).rejects.toThrow()
      }
    },
  )
})

/** A pod of the one image that every local cluster has, with a command of its own. */
function podOf(name: string, container: { command: string[]; tty?: boolean; stdin?: boolean }): KubeObject {
  const object: KubeObject & { spec: unknown } = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'cuts' },
    spec: {
      restartPolicy: 'Never',
      containers: [{ name: 'app', image: 'slipway.internal/builder', ...container }],
    },
  }
  return object
}

const ticking = (name: string) => podOf(name, { command: ['sh', '-c', 'while :; do echo tick; sleep 0.1; done'] })

async function phaseOf(name: string) {
  const found = await direct.get<KubeObject & { status?: { phase?: string } }>({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'cuts',
    name,
  })
  return found?.status?.phase
}
