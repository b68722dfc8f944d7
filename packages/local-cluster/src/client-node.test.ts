import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import {
  CoreV1Api,
  Cp,
  Exec,
  KubeConfig,
  Log,
  type LogOptions,
  Metrics,
  makeInformer,
  topNodes,
  topPods,
  type V1ConfigMap,
  type V1Status,
  Watch,
} from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalCluster, startLocalCluster } from './cluster.ts'
import { eventually } from './testing/api.ts'

const dir = mkdtempSync(join(tmpdir(), 'slipway-client-'))
const namespace = 'default'
const pod = 'talker'
const script = 'echo first; echo second; trap "exit 0" TERM; while true; do sleep 0.1; done'

let cluster: LocalCluster
let config: KubeConfig
let core: CoreV1Api

beforeAll(async () => {
  cluster = await startLocalCluster({ stateDir: join(dir, 'state'), apiPort: 0, ingressPort: 0 })
  config = new KubeConfig()
  config.loadFromFile(cluster.kubeconfigPath)
  core = config.makeApiClient(CoreV1Api)
  const containers = [{ name: 'app', image: 'busybox', command: ['sh', '-c', script] }]
  await core.createNamespacedPod({
    namespace,
    body: { metadata: { name: pod }, spec: { terminationGracePeriodSeconds: 1, containers } },
  })
  await eventually(async () => {
    const { status } = await core.readNamespacedPod({ namespace, name: pod })
    return status?.containerStatuses?.[0]?.ready === true
  })
})
afterAll(async () => {
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
})

const configMap = (name: string, value: string): V1ConfigMap => ({
  metadata: { name, labels: { made: 'here' } },
  data: { value },
})

describe('the classes of @kubernetes/client-node', { timeout: 60_000 }, () => {
  test('Watch: bookmarks, the end by timeoutSeconds, a version that is too old', async () => {
    const seen: string[] = []
    const done = Promise.withResolvers<unknown>()
    const query = {
      allowWatchBookmarks: true,
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      timeoutSeconds: 1,
    }
    await new Watch(config).watch(
      `/api/v1/namespaces/${namespace}/pods`,
      query,
      (type, object: { metadata: { annotations?: Record<string, string> } }) =>
        seen.push(`${type} ${object.metadata.annotations?.['k8s.io/initial-events-end'] ?? ''}`.trim()),
      (error: unknown) => done.resolve(error),
    )
    expect(await done.promise).toBeNull()
    expect(seen).toContain('ADDED')
    expect(seen).toContain('BOOKMARK true')
    const old = Promise.withResolvers<{ code?: number; reason?: string }>()
    await new Watch(config).watch(
      `/api/v1/namespaces/${namespace}/pods`,
      { resourceVersion: '1' },
      (type, object: { code?: number; reason?: string }) => type === 'ERROR' && old.resolve(object),
      () => undefined,
    )
    expect(await old.promise).toMatchObject({ code: 410, reason: 'Expired' })
  })

  test('an informer hears of everything, also of what came while its connection was cut', async () => {
    const proxied = await cuttable()
    const informer = makeInformer(
      proxied.config,
      `/api/v1/namespaces/${namespace}/configmaps`,
      () => proxied.config.makeApiClient(CoreV1Api).listNamespacedConfigMap({ namespace, labelSelector: 'made=here' }),
      'made=here',
    )
    const heard: string[] = []
    const note = (what: string) => (object: V1ConfigMap) =>
      heard.push(`${what} ${object.metadata?.name} ${object.data?.value}`)
    informer.on('add', note('add'))
    informer.on('update', note('update'))
    informer.on('delete', note('delete'))
    // As its users do: an informer that ended with an error is started again.
    informer.on('error', () => setTimeout(() => void informer.start().catch(() => undefined), 50))
    await core.createNamespacedConfigMap({ namespace, body: configMap('before', '1') })
    await informer.start()
    await core.createNamespacedConfigMap({ namespace, body: configMap('during', '1') })
    await eventually(async () => heard.includes('add before 1') && heard.includes('add during 1'))
    proxied.cut()
    await core.replaceNamespacedConfigMap({ namespace, name: 'during', body: configMap('during', '2') })
    await core.deleteNamespacedConfigMap({ namespace, name: 'before' })
    await eventually(async () => heard.includes('update during 2') && heard.includes('delete before 1'), 30_000)
    expect(informer.list().map(({ metadata }) => metadata?.name)).toEqual(['during'])
    await informer.stop()
    await core.deleteNamespacedConfigMap({ namespace, name: 'during' })
    proxied.close()
  })

  test('Exec: streams, input and the status at the end; in a terminal, too', async () => {
    const run = async (command: string[], options: { input?: string; tty?: boolean } = {}) => {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()]
      const ended = Promise.withResolvers<V1Status>()
      const stdin = options.input === undefined ? null : Readable.from([Buffer.from(options.input)])
      const { tty = false } = options
      await new Exec(config).exec(namespace, pod, 'app', command, stdout, stderr, stdin, tty, ended.resolve)
      const status = await ended.promise
      stdout.end()
      stderr.end()
      return { status, stdout: await text(stdout), stderr: await text(stderr) }
    }
    const failed = await run(['sh', '-c', 'echo out; echo err >&2; exit 3'])
    expect(failed).toMatchObject({
      stdout: 'out\n',
      stderr: 'err\n',
      status: { status: 'Failure', reason: 'NonZeroExitCode' },
    })
    expect(failed.status.details?.causes).toEqual([{ reason: 'ExitCode', message: '3' }])
    const copied = await run(['head', '-c', '7'], { input: 'through and more' })
    expect(copied).toMatchObject({ stdout: 'through', status: { status: 'Success' } })
    expect((await run(['sh', '-c', 'test -t 1 && echo terminal'], { tty: true })).stdout).toContain('terminal\r\n')
  })

  test('Log: the end of it, with times, and following', async () => {
    const read = async (options: LogOptions) => {
      const stream = new PassThrough()
      await new Log(config).log(namespace, pod, 'app', stream, options)
      return text(stream)
    }
    expect(await read({})).toBe('first\nsecond\n')
    expect(await read({ tailLines: 1 })).toBe('second\n')
    expect(await read({ limitBytes: 3 })).toBe('fir')
    expect(await read({ sinceSeconds: 3600, timestamps: true })).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z first\n/)
    const name = 'counts'
    const containers = [
      { name: 'app', image: 'busybox', command: ['sh', '-c', 'for i in 1 2 3; do echo $i; sleep 0.5; done'] },
    ]
    await core.createNamespacedPod({
      namespace,
      body: { metadata: { name }, spec: { restartPolicy: 'Never', containers } },
    })
    await eventually(async () => (await core.readNamespacedPod({ namespace, name })).status?.phase === 'Running')
    const stream = new PassThrough()
    await new Log(config).log(namespace, name, 'app', stream, { follow: true })
    expect(await text(stream)).toBe('1\n2\n3\n')
    await core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 })
    await expect(read({ previous: true })).rejects.toMatchObject({ code: 400 })
  })

  test('Cp, there and back', async () => {
    const from = mkdtempSync(join(dir, 'from-'))
    writeFileSync(join(from, 'carried'), 'carried\n')
    const there = `/tmp/slipway-cp-${process.pid}`
    const run = (command: string[]) => {
      const ended = Promise.withResolvers<V1Status>()
      const nowhere = new PassThrough().resume()
      void new Exec(config).exec(namespace, pod, 'app', command, nowhere, nowhere, null, false, ended.resolve)
      return ended.promise
    }
    await run(['mkdir', '-p', there])
    await new Cp(config).cpToPod(namespace, pod, 'app', from, there)
    // It answers when everything is sent, not when it has arrived.
    await eventually(async () => (await run(['grep', 'carried', `${there}/carried`])).status === 'Success', 20_000)
    const into = mkdtempSync(join(dir, 'into-'))
    await new Cp(config).cpFromPod(namespace, pod, 'app', 'carried', into, there)
    const carried = join(into, 'carried')
    await eventually(async () => existsSync(carried) && readFileSync(carried, 'utf8') === 'carried\n')
    await run(['rm', '-rf', there])
  })

  test('Metrics, and what is summed from them', async () => {
    const metrics = new Metrics(config)
    await eventually(async () => {
      const { items } = await metrics.getPodMetrics(namespace)
      return items.some((item) => item.metadata.name === pod && item.containers[0]?.usage.memory !== undefined)
    })
    const nodes = await metrics.getNodeMetrics()
    expect(nodes.items.map(({ metadata }) => metadata.name)).toEqual(['local'])
    const [node] = await topNodes(core)
    expect(node?.CPU.Capacity).toBeGreaterThan(0)
    const found = (await topPods(core, metrics, namespace)).find((each) => each.Pod.metadata?.name === pod)
    expect(Number(found?.Memory.CurrentUsage)).toBeGreaterThan(0)
  })
})

/** The cluster behind a connection that can be cut. */
async function cuttable(): Promise<{ config: KubeConfig; cut(): void; close(): void }> {
  const target = new URL(config.getCurrentCluster()?.server ?? '')
  const open = new Set<{ destroy(): void }>()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        open.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const proxied = new KubeConfig()
  const whole = readFileSync(cluster.kubeconfigPath, 'utf8')
  proxied.loadFromString(whole.replace(target.origin, `https://127.0.0.1:${port}`))
  const cut = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    config: proxied,
    cut,
    close() {
      cut()
      server.close()
    },
  }
}
