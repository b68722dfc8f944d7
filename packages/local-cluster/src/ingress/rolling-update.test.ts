import http from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NAMESPACE, startTestCluster, type TestCluster, until } from '../node/testing/cluster.ts'
import type { LocalApi } from '../types/client.ts'
import type { Pod } from '../types/pod.ts'
import { isTerminating } from '../types/pod-conditions.ts'
import { Deployments, Pods } from '../types/resources.ts'
import type { Deployment } from '../types/workload.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster()
})
afterAll(() => cluster.stop())

/** Answers with its version, some requests slowly; on SIGTERM it ends at once, as careless apps do. */
const SERVER = `
const http = require('node:http')
const slow = (request) => request.url.startsWith('/slow')
http.createServer((request, response) => {
  let length = 0
  request.on('data', (chunk) => { length += chunk.length })
  request.on('end', () => setTimeout(() => response.end(process.env.VERSION + ' ' + length), slow(request) ? 400 : 5))
}).listen(process.env.PORT)
`

const web = (version: string, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: NAMESPACE },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 10,
        containers: [
          {
            name: 'app',
            image: 'host',
            command: ['node', '-e', SERVER],
            env: [
              { name: 'VERSION', value: version },
              { name: 'PORT', value: '8080' },
            ],
            ports: [{ name: 'http', containerPort: 8080 }],
            startupProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1, failureThreshold: 60 },
            readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1 },
            lifecycle: { preStop: { sleep: { seconds: 2 } } },
          },
        ],
      },
    },
  },
})

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: NAMESPACE },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
}
const ingress = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web', namespace: NAMESPACE },
  spec: {
    ingressClassName: 'slipway',
    rules: [
      {
        host: 'web.localhost',
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { name: 'http' } } } }],
        },
      },
    ],
  },
}

const apply = (object: object) =>
  cluster.api.apply(object as Parameters<LocalApi['apply']>[0], { fieldManager: 'slipway', force: true })

interface Answer {
  status: number
  body: string
}

function send(path: string, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: '127.0.0.1',
        port: cluster.ingress.port,
        path,
        method: body === undefined ? 'GET' : 'POST',
        headers: { host: 'web.localhost' },
      },
      (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('error', reject)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

/** Constant load until stopped: quick and slow requests, with and without a body. */
function load(workers: number) {
  const seen = new Map<string, number>()
  const failures: string[] = []
  let running = true
  const worker = async (index: number) => {
    for (let round = 0; running; round += 1) {
      const path = round % 7 === index % 7 ? '/slow' : '/'
      const body = round % 3 === 0 ? 'x'.repeat(10_000) : undefined
      try {
        const { status, body: text } = await send(path, body)
        if (status !== 200) failures.push(`${path}: ${status} ${text}`)
        else seen.set(text.split(' ')[0] ?? '', (seen.get(text.split(' ')[0] ?? '') ?? 0) + 1)
      } catch (error) {
        failures.push(`${path}: ${String(error)}`)
      }
    }
  }
  const workersDone = Promise.all(Array.from({ length: workers }, (_, index) => worker(index)))
  return {
    seen,
    failures,
    async stop() {
      running = false
      await workersDone
    },
  }
}

async function rolledOut(replicas: number): Promise<void> {
  await until('the rollout is complete', async () => {
    const deployment = await cluster.api.get<Deployment>(Deployments, { namespace: NAMESPACE, name: 'web' })
    const pods = (await cluster.api.list<Pod>(Pods, { namespace: NAMESPACE })).items
    const { status, metadata } = deployment ?? {}
    return (
      status?.observedGeneration === metadata?.generation &&
      status?.updatedReplicas === replicas &&
      status?.availableReplicas === replicas &&
      pods.filter((pod) => !isTerminating(pod)).length === replicas
    )
  })
}

test('requests fail neither while an app rolls over, nor while it is scaled, under constant load', async () => {
  for (const object of [service, web('one', 2), ingress]) await apply(object)
  await rolledOut(2)
  const traffic = load(8)
  await until('the first version answers', async () => (traffic.seen.get('one') ?? 0) > 50)
  await apply(web('two', 2))
  await rolledOut(2)
  await until('the second version answers', async () => (traffic.seen.get('two') ?? 0) > 50)
  await apply(web('two', 4))
  await rolledOut(4)
  await apply(web('two', 1))
  await rolledOut(1)
  await until(
    'the old pods are gone',
    async () => (await cluster.api.list(Pods, { namespace: NAMESPACE })).items.length === 1,
  )
  await traffic.stop()
  expect(traffic.failures).toEqual([])
  expect(cluster.errors).toEqual([])
})

test('requests wait while the only instance is replaced', async () => {
  await apply(web('three', 1))
  await rolledOut(1)
  await until('it answers', async () => (await send('/')).body.startsWith('three'))
  const pod = (await cluster.api.list<Pod>(Pods, { namespace: NAMESPACE })).items.find((each) => !isTerminating(each))
  if (pod === undefined) throw new Error('no pod')
  await cluster.api.delete(Pods, { namespace: NAMESPACE, name: pod.metadata.name }, { gracePeriodSeconds: 0 })
  const answers = await Promise.all(Array.from({ length: 20 }, () => send('/')))
  expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(200))
})
