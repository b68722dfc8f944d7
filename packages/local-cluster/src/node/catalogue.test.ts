import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalCluster, startLocalCluster } from '../cluster.ts'
import { findInCatalogue } from '../registry/images/catalogue/catalogue.ts'
import { parseReference } from '../registry/images/index.ts'
import { eventually } from '../testing/api.ts'
import type { Pod } from '../types/pod.ts'
import { hostPort } from '../types/pod-ports.ts'
import { probeNetwork } from './network/pod-network.ts'

const installed = (image: string) => {
  const found = findInCatalogue(parseReference(image), process.env.PATH ?? '')
  return found !== null && 'image' in found
}
const namespace = 'default'
const stateDir = mkdtempSync(join(tmpdir(), 'slipway-catalogue-'))
let cluster: LocalCluster
let core: CoreV1Api
beforeAll(async () => {
  cluster = await startLocalCluster({ stateDir, apiPort: 0, ingressPort: 0 })
  const config = new KubeConfig()
  config.loadFromFile(cluster.kubeconfigPath)
  core = config.makeApiClient(CoreV1Api)
})
afterAll(async () => {
  await cluster.stop()
  rmSync(stateDir, { recursive: true, force: true })
})

type ContainerSpec = Record<string, unknown>

async function run(name: string, image: string, more: ContainerSpec = {}): Promise<void> {
  const containers = [{ name: 'app', image, ...more }]
  const body = { metadata: { name }, spec: { terminationGracePeriodSeconds: 5, containers } }
  await core.createNamespacedPod({ namespace, body })
}

/** Where the pod really listens for one of its ports. */
async function portOf(name: string, port: number): Promise<number> {
  const pod = (await core.readNamespacedPod({ namespace, name })) as unknown as Pod
  return hostPort(pod, port) ?? 0
}

/** Sends a line and answers what comes back first; empty while nobody listens. */
function ask(port: number, line: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(line, 'latin1')))
    socket.once('data', (data) => {
      resolve(data.toString('latin1'))
      socket.destroy()
    })
    socket.once('error', () => resolve(''))
    socket.once('close', () => resolve(''))
  })
}

const logOf = (name: string) => core.readNamespacedPodLog({ namespace, name })

test('node and busybox run what the pod says', async () => {
  await run('node', 'node:22', { args: ['-e', 'console.log(1 + 1)'], command: ['node'] })
  await run('shell', 'busybox:1.36', { command: ['sh', '-c', 'echo hello; sleep 1000'] })
  await eventually(async () => (await logOf('shell').catch(() => '')) === 'hello\n', 30_000)
  await eventually(async () => (await logOf('node').catch(() => '')) === '2\n', 30_000)
})

test('arguments that are no command are for the program, as with the images', async () => {
  await run('options', 'node:22', { args: ['-p', '1 + 2'] })
  await run('script', 'node:22', { args: ['/no/such/script.js'] })
  await run('command', 'node:22', { args: ['sh', '-c', 'echo shell'] })
  await eventually(async () => (await logOf('options').catch(() => '')) === '3\n', 30_000)
  await eventually(async () => (await logOf('command').catch(() => '')) === 'shell\n', 30_000)
  await eventually(async () => (await logOf('script').catch(() => '')).includes('Cannot find module'), 30_000)
})

const quiet = { info: () => undefined, warn: () => undefined }
const { network } = await probeNetwork(`slipway-test-${process.pid}`, null, quiet)

test('a pod reaches the API where its environment says, and by its name where pods have addresses, with the rights of its account', async () => {
  const named = network === null ? '' : `'https://kubernetes.default.svc',`
  const script = `
    const files = '/var/run/secrets/kubernetes.io/serviceaccount/'
    const read = (name) => require('node:fs').readFileSync(files + name, 'utf8')
    const options = { ca: read('ca.crt'), headers: { authorization: 'Bearer ' + read('token') } }
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env
    for (const url of [${named} \`https://\${host}:\${port}\`]) {
      for (const path of ['/apis', '/api/v1/namespaces'])
        require('node:https').get(url + path, options, (r) => console.log(r.statusCode)).on('error', console.log)
    }`
  await run('caller', 'node:22', { args: ['-e', script] })
  await eventually(async () => {
    const answers = (await logOf('caller').catch(() => '')).split('\n').filter(Boolean).sort()
    return answers.join() === (network === null ? '200,403' : '200,200,403,403')
  }, 30_000)
})

test.skipIf(!installed('nginx'))('nginx answers at its port', async () => {
  await run('nginx', 'nginx:1.27', { ports: [{ containerPort: 80 }] })
  await eventually(
    async () => (await ask(await portOf('nginx', 80), 'GET / HTTP/1.0\r\n\r\n')).startsWith('HTTP/1.1 '),
    30_000,
  )
})

test.skipIf(!installed('redis'))('redis keeps what it is told, and two of them run beside each other', async () => {
  await run('redis-1', 'redis:7')
  await run('redis-2', 'docker.io/library/redis', { args: ['--appendonly', 'no'] })
  for (const name of ['redis-1', 'redis-2']) {
    await eventually(async () => (await ask(await portOf(name, 6379), 'PING\r\n')) === '+PONG\r\n', 30_000)
  }
  expect(await ask(await portOf('redis-1', 6379), 'SET who one\r\n')).toBe('+OK\r\n')
  expect(await ask(await portOf('redis-2', 6379), 'GET who\r\n')).toBe('$-1\r\n')
})

describe.skipIf(!installed('postgres'))('postgres', () => {
  test('makes its database and takes connections', async () => {
    await run('postgres', 'postgres:16', {
      env: [
        { name: 'POSTGRES_PASSWORD', value: "sec'ret" },
        { name: 'POSTGRES_DB', value: 'blog' },
      ],
      readinessProbe: { tcpSocket: { port: 5432 }, periodSeconds: 1 },
    })
    await eventually(async () => {
      const log = await logOf('postgres').catch(() => '')
      return log.includes('database system is ready to accept connections')
    })
    // SSLRequest: a Postgres answers S or N.
    const request = '\x00\x00\x00\x08\x04\xd2\x16\x2f'
    expect(await ask(await portOf('postgres', 5432), request)).toMatch(/^[SN]$/)
  })

  test('says in its log that a password is missing', async () => {
    await run('no-password', 'postgres')
    await eventually(async () => {
      const log = await logOf('no-password').catch(() => '')
      return log.includes('Set POSTGRES_PASSWORD')
    })
  })
})

test.skipIf(!installed('mysql'))(
  'mysql makes its database and greets',
  async () => {
    await run('mysql', 'mysql:8', {
      env: [
        { name: 'MYSQL_ROOT_PASSWORD', value: 'secret' },
        { name: 'MYSQL_DATABASE', value: 'blog' },
        { name: 'MYSQL_USER', value: 'blog' },
        { name: 'MYSQL_PASSWORD', value: "o'clock" },
      ],
    })
    await eventually(async () => /mariadb|mysql|caching_sha2/i.test(await ask(await portOf('mysql', 3306), '')), 60_000)
  },
  90_000,
)
