import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LocalApi } from '../types/client.ts'
import type { Pod } from '../types/pod.ts'
import { isPodAddress, mappedPorts } from '../types/pod-ports.ts'
import { EndpointSlices, Services } from '../types/resources.ts'
import type { EndpointSlice, Service } from '../types/service.ts'
import { groupsName } from './cgroups/cgroups.ts'
import { unifiedMount } from './cgroups/hierarchy.ts'
import { createPodAddresses } from './network/addresses.ts'
import { probeNetwork } from './network/pod-network.ts'
import { createRoutes } from './network/routes.ts'
import {
  createPod,
  getPod,
  NAMESPACE,
  runInPod,
  shell,
  startTestCluster,
  type TestCluster,
  until,
  untilPod,
} from './testing/cluster.ts'

const quiet = { info: () => undefined, warn: () => undefined }
const probe = await probeNetwork(`slipway-test-${process.pid}`, null, quiet)

/** A program that knows its port only, on one of the addresses that programs use. */
const server = (name: string, listen: string, ports: object[] = [{ name: 'http', containerPort: 8080 }]) => ({
  terminationGracePeriodSeconds: 1,
  containers: [
    {
      name: 'app',
      image: 'host',
      command: ['node', '-e', `require('node:http').createServer((q, r) => r.end('${name}')).listen(${listen})`],
      env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
      ports,
    },
  ],
})

const createService = (cluster: TestCluster, name: string, spec: object) =>
  cluster.api.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: NAMESPACE },
    spec,
  } as unknown as Parameters<LocalApi['create']>[0])

/** Asks from inside a pod until somebody answers. */
async function ask(cluster: TestCluster, from: Pod, url: string): Promise<string> {
  const script = `process.stdout.write(await fetch('${url}').then((answer) => answer.text(), () => ''))`
  return until(`${url} answers`, async () => {
    const { output } = await runInPod(cluster, from, ['node', '--input-type=module', '-e', script])
    return output === '' ? null : output
  })
}

const running = (cluster: TestCluster, name: string) =>
  untilPod(cluster, name, 'runs', (pod) => pod.status?.containerStatuses?.[0]?.state?.running !== undefined)

async function client(cluster: TestCluster): Promise<Pod> {
  if ((await getPod(cluster, 'client')) === null) {
    await createPod(cluster, 'client', { terminationGracePeriodSeconds: 1, containers: [shell('app', 'sleep 1000')] })
  }
  return running(cluster, 'client')
}

describe.skipIf(probe.network === null)('pods with addresses of their own', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startTestCluster()
  })
  afterAll(async () => {
    await cluster.stop()
    const base = join(unifiedMount() ?? '', `${groupsName(join(cluster.dir, 'node'))}-network`)
    expect(existsSync(base)).toBe(false)
  })

  test('listen on one port beside each other, and are reached at their addresses by others and themselves', async () => {
    const listens = {
      one: `8080, '0.0.0.0'`,
      two: `8080, '127.0.0.1'`,
      three: '8080',
      four: '8080, process.env.POD_IP',
    }
    for (const [name, listen] of Object.entries(listens)) await createPod(cluster, name, server(name, listen))
    const asker = await client(cluster)
    const seen = new Set<string | undefined>()
    for (const name of Object.keys(listens)) {
      const pod = await running(cluster, name)
      const { podIP } = pod.status ?? {}
      expect(isPodAddress(podIP ?? '')).toBe(true)
      seen.add(podIP)
      expect(await ask(cluster, asker, `http://${podIP}:8080`)).toBe(name)
      for (const host of [podIP, '127.0.0.1', 'localhost', '[::ffff:127.0.0.1]']) {
        expect(await ask(cluster, pod, `http://${host}:8080`)).toBe(name)
      }
      expect(await (await fetch(`http://127.0.0.1:${mappedPorts(pod)['8080']}`)).text()).toBe(name)
    }
    expect(seen.size).toBe(4)
    await createPod(cluster, 'six', server('six', `8080, '::1'`))
    expect(await ask(cluster, await running(cluster, 'six'), 'http://[::1]:8080')).toBe('six')
  })

  test('need not declare what a Service or a probe names', async () => {
    await createService(cluster, 'bare', { selector: { app: 'bare' }, ports: [{ port: 80, targetPort: 8081 }] })
    for (const name of ['bare-0', 'bare-1']) {
      const spec = server('bare', '8081', [])
      await cluster.api.create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: NAMESPACE, labels: { app: 'bare' } },
        spec,
      } as unknown as Parameters<LocalApi['create']>[0])
    }
    for (const name of ['probed-0', 'probed-1']) {
      const [container] = server('probed', '8082', []).containers
      const readinessProbe = { httpGet: { path: '/', port: 8082 }, periodSeconds: 1 }
      await createPod(cluster, name, {
        terminationGracePeriodSeconds: 1,
        containers: [{ ...container, readinessProbe }],
      })
    }
    for (const name of ['probed-0', 'probed-1']) {
      await untilPod(cluster, name, 'is ready', (pod) => pod.status?.containerStatuses?.[0]?.ready === true)
    }
    const asker = await client(cluster)
    for (const name of ['bare-0', 'bare-1']) {
      const { status } = await running(cluster, name)
      expect(await ask(cluster, asker, `http://${status?.podIP}:8081`)).toBe('bare')
    }
    const service = await cluster.api.get<Service>(Services, { namespace: NAMESPACE, name: 'bare' })
    expect(await ask(cluster, asker, `http://${service?.spec.clusterIP}`)).toBe('bare')
  })

  test('a Service is reached at its clusterIP, its endpoints name the pods with their own ports', async () => {
    const labelled = { ...server('web', '8080'), hostname: 'web-0', subdomain: 'peers' }
    await cluster.api.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: NAMESPACE, labels: { app: 'web' } },
      spec: labelled,
    } as unknown as Parameters<LocalApi['create']>[0])
    const ports = [{ name: 'http', port: 80, targetPort: 'http' }]
    await createService(cluster, 'web', { selector: { app: 'web' }, ports })
    await createService(cluster, 'peers', { clusterIP: 'None', selector: { app: 'web' }, ports })
    const asker = await client(cluster)
    const pod = await running(cluster, 'web')
    const service = await cluster.api.get<Service>(Services, { namespace: NAMESPACE, name: 'web' })
    expect(await ask(cluster, asker, `http://${service?.spec.clusterIP}`)).toBe('web')
    const variables = (await runInPod(cluster, await lateComer(), ['env'])).output
    expect(variables).toContain(`WEB_SERVICE_HOST=${service?.spec.clusterIP}\n`)
    expect(variables).toContain('WEB_SERVICE_PORT=80\n')
    const { items } = await cluster.api.list<EndpointSlice>(EndpointSlices, {
      namespace: NAMESPACE,
      labelSelector: 'kubernetes.io/service-name=web',
    })
    expect(items.map(({ endpoints, ports }) => [endpoints?.[0]?.addresses, ports?.[0]?.port])).toEqual([
      [[pod.status?.podIP], 8080],
    ])
    await cluster.api.delete(Services, { namespace: NAMESPACE, name: 'web' })
    // Its address means nothing then: whoever else has it in the networks around may answer, the pod does not.
    await until('the Service does not answer there any more', async () => {
      const script = fetchAndPrint(`http://${service?.spec.clusterIP}`)
      return (await runInPod(cluster, asker, ['node', '--input-type=module', '-e', script])).output !== 'web'
    })

    async function lateComer(): Promise<Pod> {
      await createPod(cluster, 'late', { terminationGracePeriodSeconds: 1, containers: [shell('app', 'sleep 1000')] })
      return running(cluster, 'late')
    }
  })

  test('a port that is not declared is reached, too; a pod on the network of the node has its ports', async () => {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    await createPod(cluster, 'undeclared', server('undeclared', String(port), []))
    await createPod(cluster, 'host', { ...server('host', String(port + 1)), hostNetwork: true })
    const asker = await client(cluster)
    const pod = await running(cluster, 'undeclared')
    expect(await ask(cluster, asker, `http://${pod.status?.podIP}:${port}`)).toBe('undeclared')
    const host = await running(cluster, 'host')
    expect(host.status?.podIP).toBe('127.0.0.1')
    expect(await ask(cluster, asker, `http://127.0.0.1:${port + 1}`)).toBe('host')
  })
})

describe.skipIf(probe.network === null)('routes to pods', () => {
  test('are there again after the cluster was started again, and pods keep their addresses', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'slipway-cluster-'))
    const first = await startTestCluster({ dir })
    let cluster = first
    try {
      await createPod(first, 'server', server('server', '8080'))
      const { podIP } = (await running(first, 'server')).status ?? {}
      expect(await ask(first, await client(first), `http://${podIP}:8080`)).toBe('server')
      await first.stop({ stopPods: false })
      cluster = await startTestCluster({ dir })
      expect((await running(cluster, 'server')).status?.podIP).toBe(podIP)
      expect(await ask(cluster, await client(cluster), `http://${podIP}:8080`)).toBe('server')
      await createPod(cluster, 'second', server('second', '8080'))
      const second = await running(cluster, 'second')
      expect(second.status?.podIP).not.toBe(podIP)
      expect(await ask(cluster, await client(cluster), `http://${second.status?.podIP}:8080`)).toBe('second')
    } finally {
      await cluster.stop()
      rmSync(dir, { recursive: true, force: true })
    }
  })
})

describe.skipIf(probe.network === null)('the table of routes', () => {
  test('is rebuilt when its process is killed', async () => {
    const mount = unifiedMount() ?? ''
    const group = join(mount, `slipway-routes-${process.pid}`)
    const routes = createRoutes([group], quiet)
    const server = createServer((_request, response) => response.end('here')).listen(0, '127.0.0.1')
    try {
      await once(server, 'listening')
      const address = server.address()
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0
      routes.set({ host: '10.247.0.1', port: 80 }, { host: '127.0.0.1', port })
      routes.open()
      await routes.settled()
      const ask = (url: string) =>
        promisify(execFile)('/bin/sh', [
          '-c',
          `echo $$ >${group}/cgroup.procs; exec ${process.execPath} --input-type=module -e "${fetchAndPrint(url)}"`,
        ])
      expect((await ask('http://10.247.0.1')).stdout).toBe('here')
      const keeper = await keeperOf(group)
      process.kill(keeper, 'SIGKILL')
      routes.set({ host: '10.247.0.2', port: 81 }, { host: '127.0.0.1', port })
      await until('another keeps it', async () => {
        const next = await keeperOf(group).catch(() => keeper)
        return next !== keeper
      })
      await routes.settled()
      expect((await ask('http://10.247.0.1')).stdout).toBe('here')
      expect((await ask('http://10.247.0.2:81')).stdout).toBe('here')
      const kept = await keeperOf(group)
      routes.delete({ host: '10.247.0.2', port: 81 })
      await routes.settled()
      expect((await ask('http://10.247.0.2:81')).stdout).not.toBe('here')
      // All others stay meanwhile: the table was not made again for that.
      expect(await keeperOf(group)).toBe(kept)
      expect((await ask('http://10.247.0.1')).stdout).toBe('here')
    } finally {
      routes.close()
      server.close()
      rmdirSync(group)
    }
  })
})

const fetchAndPrint = (url: string) =>
  `process.stdout.write(await fetch('${url}', { signal: AbortSignal.timeout(2000) }).then((r) => r.text(), () => 'nobody')); process.exit()`

/** Process that keeps the table of a group. */
async function keeperOf(group: string): Promise<number> {
  const { stdout } = await promisify(execFile)('pgrep', ['-f', `network.pl route ${group}`])
  return Number(stdout.split('\n')[0])
}

test('addresses are used once, and again only after all others', () => {
  const addresses = createPodAddresses()
  const first = addresses.take()
  addresses.keep('10.244.0.2')
  expect([first, addresses.take()]).toEqual(['10.244.0.1', '10.244.0.3'])
  addresses.release(first)
  expect(addresses.take()).toBe('10.244.0.4')
  const all = new Set(Array.from({ length: 200_000 }, () => addresses.take()))
  expect(all.size).toBe(200_000)
  for (const address of all) expect(isPodAddress(address)).toBe(true)
})
