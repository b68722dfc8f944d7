import http from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NAMESPACE, shell, startTestCluster, type TestCluster, until, untilPod } from '../node/testing/cluster.ts'
import type { LocalApi } from '../types/client.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster({ holdMs: 200 })
})
afterAll(() => cluster.stop())

const create = (object: Record<string, unknown>) =>
  cluster.api.create(object as unknown as Parameters<LocalApi['create']>[0])

function ask(host: string): Promise<{ code: number; text: string; retryAfter: string | undefined }> {
  return new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port: cluster.ingress.port, headers: { host }, agent: false }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () =>
          resolve({ code: response.statusCode ?? 0, text, retryAfter: response.headers['retry-after'] }),
        )
      })
      .on('error', reject)
  })
}

async function expose(name: string): Promise<void> {
  const backend = { service: { name, port: { number: 80 } } }
  await create({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      ingressClassName: 'slipway',
      rules: [{ host: `${name}.localhost`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  })
}

const service = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: NAMESPACE, labels: { 'slipway.dev/app': `${name}-app` } },
  spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
})

test('the page names the app and says why it is not up', async () => {
  await expose('shop')
  await until('the Service is missed', async () => (await ask('shop.localhost')).text.includes('does not exist'))
  await create(service('shop'))
  await until('it has no instances', async () =>
    (await ask('shop.localhost')).text.includes('It has no instances: it is scaled to zero, or none could be made.'),
  )
  await create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'shop-1', namespace: NAMESPACE, labels: { app: 'shop' } },
    spec: { containers: [shell('app', 'echo "<b>"; exit 3')] },
  })
  await untilPod(
    cluster,
    'shop-1',
    'crashes again and again',
    (pod) => (pod.status?.containerStatuses?.[0]?.restartCount ?? 0) > 1,
  )
  const answer = await until('the page says so', async () => {
    const page = await ask('shop.localhost')
    return page.text.includes('ended with exit code 3 (Error)') ? page : null
  })
  expect(answer).toMatchObject({ code: 503, retryAfter: '5' })
  expect(answer.text).toContain('<h1>shop-app is not running</h1>')
  expect(answer.text).toMatch(/1 of 1 instances are not ready\. shop-1 (?:ended|waits: CrashLoopBackOff)/)
})

test('what objects say is text on the page, never markup', async () => {
  await expose('evil')
  await create({
    ...service('evil'),
    metadata: { name: 'evil', namespace: NAMESPACE },
  })
  await create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'evil-1', namespace: NAMESPACE, labels: { app: 'evil' } },
    spec: { containers: [{ name: 'app', image: 'host', command: ['/<script>alert(1)</script>'] }] },
  })
  await untilPod(
    cluster,
    'evil-1',
    'cannot start',
    (pod) => pod.status?.containerStatuses?.[0]?.state.waiting?.reason === 'RunContainerError',
  )
  const page = await until('the page says why', async () => {
    const answer = await ask('evil.localhost')
    return answer.text.includes('RunContainerError') || answer.text.includes('CrashLoopBackOff') ? answer : null
  })
  expect(page.text).not.toContain('<script>')
})
