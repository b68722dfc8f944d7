import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppsV1Api, CoreV1Api, Exec, KubeConfig, NetworkingV1Api } from '@kubernetes/client-node'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type LocalCluster, startLocalCluster } from './cluster.ts'
import { eventually } from './testing/api.ts'

const directories: string[] = []
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
})

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'slipway-cluster-'))
  directories.push(made)
  return made
}

function load(cluster: { kubeconfigPath: string }): KubeConfig {
  const config = new KubeConfig()
  config.loadFromFile(cluster.kubeconfigPath)
  return config
}

/** An app that answers with its greeting, on the host's own Node. */
function web(replicas: number, greeting: string) {
  const labels = { app: 'web' }
  const script =
    "const s=require('http').createServer((q,r)=>{console.log('request '+q.url);r.end(process.env.GREETING)});s.listen(process.env.PORT,'127.0.0.1');process.on('SIGTERM',()=>s.close(()=>process.exit(0)))"
  const container = {
    name: 'app',
    image: 'host',
    command: [process.execPath, '-e', script],
    env: [
      { name: 'PORT', value: '8080' },
      { name: 'GREETING', value: greeting },
    ],
    ports: [{ name: 'http', containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
  }
  const spec = { containers: [container], terminationGracePeriodSeconds: 5, automountServiceAccountToken: false }
  return {
    metadata: { name: 'web' },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  }
}

async function exposeWeb(config: KubeConfig): Promise<void> {
  await config.makeApiClient(CoreV1Api).createNamespacedService({
    namespace: 'default',
    body: {
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    },
  })
  const backend = { service: { name: 'web', port: { name: 'http' } } }
  const rules = [{ host: 'web.localhost', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }]
  await config.makeApiClient(NetworkingV1Api).createNamespacedIngress({
    namespace: 'default',
    body: { metadata: { name: 'web' }, spec: { ingressClassName: 'slipway', rules } },
  })
}

async function askIngress(cluster: { ingressUrl: string }, host: string): Promise<string> {
  const { request } = await import('node:http')
  return new Promise((resolve, reject) => {
    request(`${cluster.ingressUrl}/hello`, { headers: { host } }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve(`${response.statusCode} ${text}`))
    })
      .on('error', reject)
      .end()
  })
}

const node = { hostImages: ['host'], crashBackoff: { baseMs: 300, maxMs: 2000 } }

describe('startLocalCluster', () => {
  const stateDir = directory()
  const fallback = createServer((_request, response) => response.end('the platform'))
  let defaultBackendUrl = ''
  let cluster: LocalCluster
  let config: KubeConfig

  beforeAll(async () => {
    await new Promise<void>((resolve) => fallback.listen(0, '127.0.0.1', resolve))
    const address = fallback.address()
    defaultBackendUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    cluster = await startLocalCluster({ stateDir, apiPort: 0, ingressPort: 0, defaultBackendUrl, node })
    config = load(cluster)
  })
  afterAll(async () => {
    await cluster.stop()
    fallback.close()
  })

  test('takes an app from a Deployment to an answer at its host', async () => {
    await config.makeApiClient(AppsV1Api).createNamespacedDeployment({ namespace: 'default', body: web(1, 'hello') })
    await exposeWeb(config)
    await eventually(async () => (await askIngress(cluster, 'web.localhost')) === '200 hello', 40_000)
    expect(await askIngress(cluster, 'unknown.localhost')).toBe('200 the platform')
    expect(statSync(cluster.kubeconfigPath).mode & 0o777).toBe(0o600)
  })

  test('shows logs and runs commands in the pod', async () => {
    const core = config.makeApiClient(CoreV1Api)
    const [pod] = (await core.listNamespacedPod({ namespace: 'default' })).items
    const name = pod?.metadata?.name ?? ''
    await eventually(async () =>
      (await core.readNamespacedPodLog({ name, namespace: 'default' })).includes('request /hello'),
    )
    const { PassThrough } = await import('node:stream')
    const output = new PassThrough()
    const chunks: Buffer[] = []
    output.on('data', (chunk: Buffer) => chunks.push(chunk))
    const status = await new Promise((resolve, reject) => {
      new Exec(config)
        .exec(
          'default',
          name,
          'app',
          ['/bin/sh', '-c', 'echo "$GREETING"; exit 3'],
          output,
          output,
          null,
          false,
          resolve,
        )
        .catch(reject)
    })
    expect(Buffer.concat(chunks).toString()).toBe('hello\n')
    expect(status).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    })
  })

  test('refuses a second cluster on the same state, in one sentence', async () => {
    await expect(startLocalCluster({ stateDir, apiPort: 0, ingressPort: 0, node })).rejects.toThrow(
      /is in use by another local cluster \(process \d+\)/,
    )
  })

  test('refuses a port that is taken, in one sentence', async () => {
    const taken = Number(new URL(cluster.apiUrl).port)
    await expect(startLocalCluster({ stateDir: directory(), apiPort: taken, ingressPort: 0, node })).rejects.toThrow(
      `Port ${taken} on 127.0.0.1 is taken by another program. Stop it, or choose another port.`,
    )
  })

  test('comes back with every object and every app after a stop', async () => {
    const uidOf = async () =>
      (await load(cluster).makeApiClient(AppsV1Api).readNamespacedDeployment({ name: 'web', namespace: 'default' }))
        .metadata?.uid
    const before = await uidOf()
    await cluster.stop()
    cluster = await startLocalCluster({
      stateDir,
      apiPort: 0,
      ingressPort: 0,
      token: 'another',
      defaultBackendUrl,
      node,
    })
    expect(await uidOf()).toBe(before)
    await eventually(async () => (await askIngress(cluster, 'web.localhost')) === '200 hello', 40_000)
    const stats = cluster.stats()
    expect(stats.api.requests).toBeGreaterThan(0)
    expect(stats.api.internalErrors).toBe(0)
    expect(stats.node?.runningContainers).toBe(1)
  })
})

describe('the process', () => {
  const children: ChildProcess[] = []
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  function start(env: Record<string, string>): ChildProcess {
    const child = fork(new URL('./main.ts', import.meta.url).pathname, [], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: { NODE_ENV: 'test', PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    children.push(child)
    return child
  }

  const settings = (stateDir: string) => ({
    SLIPWAY_CLUSTER_STATE_DIR: stateDir,
    SLIPWAY_CLUSTER_API_PORT: '0',
    SLIPWAY_CLUSTER_INGRESS_PORT: '0',
    SLIPWAY_LOG_LEVEL: 'error',
  })

  test('ends with 0 on SIGTERM, and when its launcher is gone', async () => {
    const stateDir = directory()
    const first = start(settings(stateDir))
    await once(first, 'message')
    expect(readFileSync(join(stateDir, 'kubeconfig'), 'utf8')).toContain('certificate-authority-data')
    first.kill('SIGTERM')
    expect((await once(first, 'exit'))[0]).toBe(0)
    const second = start(settings(stateDir))
    await once(second, 'message')
    second.disconnect()
    expect((await once(second, 'exit'))[0]).toBe(0)
  })

  test('says which settings are missing', async () => {
    const child = start({ SLIPWAY_CLUSTER_API_PORT: 'eighty' })
    let text = ''
    child.stderr?.setEncoding('utf8')
    child.stderr?.on('data', (chunk: string) => {
      text += chunk
    })
    expect((await once(child, 'close'))[0]).toBe(1)
    expect(text).toMatch(/^The local cluster cannot start\. .*SLIPWAY_CLUSTER_STATE_DIR.*SLIPWAY_CLUSTER_API_PORT/)
  })
})
