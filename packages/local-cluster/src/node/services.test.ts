import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pick } from '../testing/api.ts'
import type { LocalApi } from '../types/client.ts'
import type { Json } from '../types/objects.ts'
import { Services } from '../types/resources.ts'
import { probeSandbox } from './sandbox/sandbox.ts'
import { AddressBook } from './services/address-book.ts'
import {
  createPod,
  NAMESPACE,
  readPodLog,
  runInPod,
  shell,
  startTestCluster,
  type TestCluster,
  until,
  untilPod,
} from './testing/cluster.ts'

const probe = await probeSandbox([tmpdir()])
// As on machines that do not give pods addresses of their own.
let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster({ podNetwork: 'none' })
})
afterAll(() => cluster.stop())

const SERVER = `require('node:http').createServer((q, r) => r.end(process.env.HOSTNAME)).listen(process.env.PORT, '127.0.0.1')`

async function createServer(name: string, app: string, more: Record<string, Json> = {}): Promise<void> {
  await cluster.api.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: NAMESPACE, labels: { app } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'app',
          image: 'host',
          command: ['node', '-e', SERVER],
          ports: [{ name: 'http', containerPort: 8080 }],
          readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
        },
      ],
      ...more,
    },
  } as Parameters<LocalApi['create']>[0])
  await untilPod(cluster, name, 'is ready', (pod) => pod.status?.containerStatuses?.[0]?.ready === true)
}

const createService = (name: string, app: string, spec: Record<string, Json> = {}) =>
  cluster.api.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: NAMESPACE },
    spec: { selector: { app }, ports: [{ name: 'http', port: 8000, targetPort: 'http' }], ...spec },
  } as Parameters<LocalApi['create']>[0])

const asks = (url: string) =>
  `process.stdout.write(await fetch(${url}).then((answer) => answer.text(), (error) => String(error.cause?.code)))`

test('a Service is reached at what its variables say, on its own port, by every pod behind it in turn', async () => {
  await createServer('web-a', 'web')
  await createServer('web-b', 'web')
  await createService('my-web', 'web')
  await createPod(cluster, 'client', { terminationGracePeriodSeconds: 1, containers: [shell('app', 'sleep 1000')] })
  const client = await untilPod(cluster, 'client', 'runs', (pod) => pod.status?.phase === 'Running')
  const environment = (await runInPod(cluster, client, ['env'])).output
  expect(environment).toMatch(/^MY_WEB_SERVICE_HOST=127\.\d+\.\d+\.\d+$/m)
  expect(environment).toMatch(/^MY_WEB_SERVICE_PORT=8000$/m)
  expect(environment).toMatch(/^MY_WEB_SERVICE_PORT_HTTP=8000$/m)
  expect(environment).toMatch(/^MY_WEB_PORT=tcp:\/\/127\.\d+\.\d+\.\d+:8000$/m)
  expect(environment).toMatch(/^MY_WEB_PORT_8000_TCP_PROTO=tcp$/m)
  const ask = ['node', '--input-type=module', '-e', asks("'http://' + process.env.MY_WEB_SERVICE_HOST + ':8000/'")]
  const seen = new Set<string>()
  await until('both have answered', async () => {
    seen.add((await runInPod(cluster, client, ask)).output)
    return seen.has('web-a') && seen.has('web-b')
  })
})

test.skipIf(probe.sandbox === null)(
  'names: Services and pods of headless ones resolve, new ones too, gone ones not',
  async () => {
    await createPod(cluster, 'asker', { terminationGracePeriodSeconds: 1, containers: [shell('app', 'sleep 1000')] })
    const asker = await untilPod(cluster, 'asker', 'runs', (pod) => pod.status?.phase === 'Running')
    const fetchFrom = async (host: string) =>
      (await runInPod(cluster, asker, ['node', '--input-type=module', '-e', asks(`'http://${host}:8000/'`)])).output
    expect(await fetchFrom('later')).toBe('ENOTFOUND')
    await createServer('later-0', 'later', { hostname: 'later-0', subdomain: 'peers' })
    await createServer('later-1', 'later', { hostname: 'later-1', subdomain: 'peers' })
    await createService('later', 'later')
    await createService('peers', 'later', { clusterIP: 'None' })
    await until('it resolves', async () => (await fetchFrom('later')).startsWith('later-'))
    for (const host of ['later.test', 'later.test.svc', 'later.test.svc.cluster.local']) {
      expect(await fetchFrom(host)).toMatch(/^later-[01]$/)
    }
    await until('the pods have names', async () => (await fetchFrom('later-1.peers')) === 'later-1')
    expect(await fetchFrom('later-0.peers.test.svc.cluster.local')).toBe('later-0')
    await cluster.api.delete(Services, { namespace: NAMESPACE, name: 'later' })
    await until('the name is gone', async () => (await fetchFrom('later')) === 'ENOTFOUND')
  },
  60_000,
)

test('enableServiceLinks: false keeps them out; a Service without endpoints refuses', async () => {
  await createService('empty', 'nobody')
  await createPod(cluster, 'plain', {
    restartPolicy: 'Never',
    enableServiceLinks: false,
    containers: [shell('app', 'env | grep -c _SERVICE_HOST || true')],
  })
  const plain = await untilPod(cluster, 'plain', 'has ended', (pod) => pod.status?.phase === 'Succeeded')
  expect(await readPodLog(cluster, plain)).toBe('0\n')
  await createPod(cluster, 'refused', {
    restartPolicy: 'Never',
    containers: [
      {
        name: 'app',
        image: 'host',
        command: ['node', '--input-type=module', '-e', asks("'http://' + process.env.EMPTY_SERVICE_HOST + ':8000/'")],
      },
    ],
  })
  const refused = await untilPod(cluster, 'refused', 'has ended', (pod) => pod.status?.phase === 'Succeeded')
  expect(await readPodLog(cluster, refused)).toMatch(/ECONNRESET|UND_ERR_SOCKET/)
})

test('addresses stay the same over a restart, and are never given twice', () => {
  const dir = mkdtempSync(`${tmpdir()}/slipway-book-`)
  try {
    const file = `${dir}/services.json`
    const book = new AddressBook(file, dir)
    const keys = Array.from({ length: 500 }, (_, index) => `test/service-${index}`)
    for (const key of keys) book.set(key, { address: book.propose(key, 0), ports: {} })
    const addresses = keys.map((key) => book.get(key)?.address)
    expect(new Set(addresses).size).toBe(keys.length)
    const again = new AddressBook(file, dir)
    expect(keys.map((key) => again.get(key)?.address)).toEqual(addresses)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})

test('a Service of type NodePort is reached at its port of the node, until it has another type', async () => {
  await createServer('node-port-web', 'node-port')
  await createService('node-port', 'node-port', { type: 'NodePort' })
  const portOf = async () => {
    const service = await cluster.api.get(Services, { namespace: NAMESPACE, name: 'node-port' })
    return pick(service, 'spec.ports.0.nodePort')
  }
  const port = await portOf()
  expect(port).toBeGreaterThanOrEqual(30_000)
  expect(port).toBeLessThanOrEqual(32_767)
  const ask = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      (answer) => answer.text(),
      (error: Error) => pick(error.cause, 'code'),
    )
  await until('it answers', async () => (await ask()) === 'node-port-web')
  await cluster.api.patch(
    Services,
    { namespace: NAMESPACE, name: 'node-port' },
    { type: 'merge', body: { spec: { type: 'ClusterIP' } } },
  )
  expect(await portOf()).toBeUndefined()
  await until('nobody listens there', async () => (await ask()) === 'ECONNREFUSED')
})

test.skipIf(probe.sandbox === null)(
  'a Service of type ExternalName is another name of a Service, or of a host',
  async () => {
    await createServer('aliased-web', 'aliased')
    await createService('aliased', 'aliased')
    const alias = (name: string, externalName: string) =>
      createService(name, '', { type: 'ExternalName', externalName })
    await alias('inside', `aliased.${NAMESPACE}.svc.cluster.local`)
    await alias('outside', 'localhost')
    await createPod(cluster, 'alias-client', {
      terminationGracePeriodSeconds: 1,
      containers: [shell('app', 'sleep 1000')],
    })
    const client = await untilPod(cluster, 'alias-client', 'runs', (pod) => pod.status?.phase === 'Running')
    const hosts = async () => (await runInPod(cluster, client, ['cat', '/etc/hosts'])).output
    await until(
      'both names are known',
      async () => / inside /.test(await hosts()) && /127\.0\.0\.1 outside /.test(await hosts()),
    )
    const addressOf = (text: string, name: string) => new RegExp(`^(\\S+) ${name} `, 'm').exec(text)?.[1]
    const text = await hosts()
    expect(addressOf(text, 'inside')).toBe(addressOf(text, 'aliased'))
  },
)
