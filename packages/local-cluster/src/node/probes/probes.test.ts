import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ContainerStatus } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import { createPod, eventsAbout, startTestCluster, type TestCluster, until, untilPod } from '../testing/cluster.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster()
})
afterAll(() => cluster.stop())

const app = (pod: Pod): ContainerStatus | undefined => pod.status?.containerStatuses?.[0]
const node = (script: string, more: Record<string, unknown>) => ({
  name: 'app',
  image: 'host',
  command: ['node', '-e', script],
  ports: [{ name: 'main', containerPort: 8080 }],
  ...more,
})
const unhealthy = async (name: string) =>
  (await eventsAbout(cluster, name)).filter(({ reason }) => reason === 'Unhealthy').map(({ message }) => message)

test('http: headers are sent, and a code from 400 on is a failure with its code', async () => {
  const server = `require('node:http').createServer((q, r) => { r.statusCode = q.headers['x-key'] === 'open' && q.url === '/health?a=1' ? 204 : 418; r.end() }).listen(process.env.PORT)`
  const probe = (value: string) => ({
    httpGet: { path: '/health?a=1', port: 'main', httpHeaders: [{ name: 'X-Key', value }] },
    periodSeconds: 1,
  })
  await createPod(cluster, 'http-ok', { containers: [node(server, { readinessProbe: probe('open') })] })
  await createPod(cluster, 'http-bad', { containers: [node(server, { readinessProbe: probe('shut') })] })
  await untilPod(cluster, 'http-ok', 'is ready', (pod) => app(pod)?.ready === true)
  await until('the failure is said', async () =>
    (await unhealthy('http-bad')).includes('Readiness probe failed: HTTP probe failed with statuscode: 418'),
  )
})

test('http: redirects are followed on the pod itself only', async () => {
  const server = `require('node:http').createServer((q, r) => {
    const to = { '/away': 'http://127.0.0.1:1/', '/here': '/failing', '/round': '/round' }[q.url]
    r.writeHead(to ? 302 : q.url === '/failing' ? 500 : 200, to ? { location: to } : {}).end()
  }).listen(process.env.PORT)`
  const probe = (path: string) => ({ readinessProbe: { httpGet: { path, port: 8080 }, periodSeconds: 1 } })
  for (const name of ['away', 'here', 'round']) {
    await createPod(cluster, `to-${name}`, { containers: [node(server, probe(`/${name}`))] })
  }
  const says = (name: string, message: RegExp) =>
    until(`${name} says it`, async () => (await unhealthy(name)).some((each) => message.test(each)))
  await untilPod(cluster, 'to-away', 'is ready', (pod) => app(pod)?.ready === true)
  await says('to-here', /^Readiness probe failed: HTTP probe failed with statuscode: 500$/)
  await says('to-round', /^Readiness probe failed: Get "http:.*\/round": stopped after 10 redirects$/)
})

test('a port that nobody listens on is named as the pod has it', async () => {
  const readinessProbe = { httpGet: { path: '/ready?a=1', port: 8080 }, periodSeconds: 1 }
  await createPod(cluster, 'deaf', { containers: [node('setInterval(() => {}, 1000)', { readinessProbe })] })
  await until('it is said', async () => (await unhealthy('deaf')).length > 0)
  const { status } = await untilPod(cluster, 'deaf', 'has an address', (pod) => pod.status?.podIP !== undefined)
  const own = status?.podIP !== '127.0.0.1'
  const at = `${status?.podIP}:${own ? 8080 : '\\d+'}`.replaceAll('.', '\\.')
  expect((await unhealthy('deaf'))[0]).toMatch(
    new RegExp(`^Readiness probe failed: Get "http://${at}/ready\\?a=1": dial tcp ${at}: connect: connection refused$`),
  )
})

test('grpc: the container is not ready, and an event says why', async () => {
  const readinessProbe = { grpc: { port: 8080 }, periodSeconds: 1 }
  await createPod(cluster, 'grpc', { containers: [node('setInterval(() => {}, 1000)', { readinessProbe })] })
  await until('it is said', async () =>
    (await unhealthy('grpc')).includes('Readiness probe failed: gRPC probes are not supported here'),
  )
})

test('startup holds the others back; thresholds count; liveness restarts', async () => {
  const file = (name: string) => join(cluster.dir, name)
  const exec = (name: string) => ({ exec: { command: ['test', '-e', file(name)] }, periodSeconds: 1 })
  await createPod(cluster, 'staged', {
    terminationGracePeriodSeconds: 1,
    containers: [
      node('setInterval(() => {}, 1000)', {
        startupProbe: { ...exec('started'), failureThreshold: 60 },
        readinessProbe: { ...exec('ready'), successThreshold: 2 },
        livenessProbe: { ...exec('alive'), failureThreshold: 2 },
      }),
    ],
  })
  await until('startup has failed a few times', async () => (await unhealthy('staged')).length > 0)
  await untilPod(
    cluster,
    'staged',
    'is not started',
    (pod) => app(pod)?.state.running !== undefined && !app(pod)?.started,
  )
  expect((await unhealthy('staged')).some((message) => message.startsWith('Liveness'))).toBe(false)
  writeFileSync(file('alive'), '')
  writeFileSync(file('ready'), '')
  writeFileSync(file('started'), '')
  const ready = await untilPod(cluster, 'staged', 'is ready', (pod) => app(pod)?.ready === true)
  expect(app(ready)).toMatchObject({ started: true, restartCount: 0 })
  const { rmSync } = await import('node:fs')
  rmSync(file('alive'))
  await untilPod(cluster, 'staged', 'was restarted', (pod) => (app(pod)?.restartCount ?? 0) > 0)
  const killing = (await eventsAbout(cluster, 'staged')).find(({ reason }) => reason === 'Killing')
  expect(killing?.message).toBe('Container app failed liveness probe, will be restarted')
})

test('exec and tcp: what the command said, a time-out, a refused connection', async () => {
  const exec = (...command: string[]) => ({ exec: { command }, periodSeconds: 1 })
  const pods = {
    'exec-bad': exec('sh', '-c', 'echo not yet; exit 1'),
    'exec-slow': exec('sh', '-c', 'sleep 30'),
    'tcp-bad': { tcpSocket: { port: 1, host: '127.0.0.1' }, periodSeconds: 1 },
  }
  for (const [name, readinessProbe] of Object.entries(pods)) {
    await createPod(cluster, name, { containers: [node('setInterval(() => {}, 1000)', { readinessProbe })] })
  }
  const says = (name: string, message: string) =>
    until(`${name} says it`, async () => (await unhealthy(name)).some((each) => each.trim() === message))
  await says('exec-bad', 'Readiness probe failed: not yet')
  await says('exec-slow', 'Readiness probe failed: command timed out: "sh -c sleep 30" timed out after 1s')
  await says('tcp-bad', 'Readiness probe failed: dial tcp 127.0.0.1:1: connect: connection refused')
})

test.runIf(process.platform === 'linux')(
  'tcp: a program that listens on loopback only is not reached',
  async () => {
    const server = (host: string) =>
      `require('node:net').createServer((s) => s.end()).listen({ port: process.env.PORT, host: ${host} })`
    const readinessProbe = { tcpSocket: { port: 'main' }, periodSeconds: 1 }
    const own = { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }
    const hosts = {
      'all-v4': `'0.0.0.0'`,
      all: `'::'`,
      v4: `'127.0.0.1'`,
      v6: `'::1'`,
      'own-address': 'process.env.POD_IP',
    }
    for (const [name, host] of Object.entries(hosts)) {
      await createPod(cluster, `tcp-${name}`, { containers: [node(server(host), { readinessProbe, env: [own] })] })
    }
    for (const name of ['all-v4', 'all']) {
      await untilPod(cluster, `tcp-${name}`, 'is ready', (pod) => app(pod)?.ready === true)
    }
    const says = (name: string, message: RegExp) =>
      until(`${name} says it`, async () => (await unhealthy(name)).some((each) => message.test(each)))
    await says(
      'tcp-v4',
      /^Readiness probe failed: dial tcp \S+: connect: connection refused; it listens on 127\.0\.0\.1 only$/,
    )
    await says('tcp-v6', /; it listens on ::1 only$/)
    const { status } = await untilPod(
      cluster,
      'tcp-own-address',
      'runs',
      (pod) => app(pod)?.state.running !== undefined,
    )
    // Without an address of its own, a pod's is that of loopback.
    if (status?.podIP === '127.0.0.1') await says('tcp-own-address', /it listens on 127\.0\.0\.1 only$/)
    else await untilPod(cluster, 'tcp-own-address', 'is ready', (pod) => app(pod)?.ready === true)
  },
  60_000,
)

test('a probe that cannot be tried counts neither way', async () => {
  const often = { periodSeconds: 1, failureThreshold: 1 }
  await createPod(cluster, 'untried', {
    containers: [
      node('setInterval(() => {}, 1000)', {
        livenessProbe: { exec: { command: ['no-such-program'] }, ...often },
        readinessProbe: { httpGet: { port: 'nowhere' }, ...often },
      }),
    ],
  })
  const errored = 'probe errored and resulted in unknown state: '
  await until('both are said', async () => {
    const said = await unhealthy('untried')
    return [
      `Readiness ${errored}strconv.Atoi: parsing "nowhere": invalid syntax`,
      `Liveness ${errored}rpc error: code = Unknown desc = failed to exec in container: OCI runtime exec failed: exec failed: unable to start container process: exec: "no-such-program": executable file not found in $PATH`,
    ].every((message) => said.includes(message))
  })
  await until('they were tried again', async () =>
    (await eventsAbout(cluster, 'untried')).some(({ reason, count = 1 }) => reason === 'Unhealthy' && count > 2),
  )
  await untilPod(cluster, 'untried', 'goes on', (pod) => app(pod)?.restartCount === 0 && app(pod)?.ready === false)
  expect((await eventsAbout(cluster, 'untried')).some(({ reason }) => reason === 'Killing')).toBe(false)
})
