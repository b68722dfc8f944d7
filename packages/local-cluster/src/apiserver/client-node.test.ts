import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  VersionApi,
  Watch,
} from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeKubeconfig } from '../kubeconfig.ts'
import { eventually, startTestApi, type TestApi, testToken } from '../testing/api.ts'

/** The official client, with a kubeconfig as the cluster writes it: TLS, token and all. */
let api: TestApi
let config: KubeConfig
let core: CoreV1Api
const dir = mkdtempSync(join(tmpdir(), 'slipway-kubeconfig-'))

beforeAll(async () => {
  api = await startTestApi()
  const { url: server, certificateAuthority } = api.server
  writeKubeconfig(join(dir, 'config'), { server, certificateAuthority, token: testToken })
  config = new KubeConfig()
  config.loadFromFile(join(dir, 'config'))
  core = config.makeApiClient(CoreV1Api)
})
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true })
  await api.stop()
})

describe('@kubernetes/client-node', () => {
  test('reads the version', async () => {
    expect((await config.makeApiClient(VersionApi).getCode()).gitVersion).toBe('v1.36.2')
  })

  test('creates, reads, replaces, patches and deletes', async () => {
    const apps = config.makeApiClient(AppsV1Api)
    const labels = { app: 'web' }
    const body = {
      metadata: { name: 'web' },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'a:1' }] } },
      },
    }
    const made = await apps.createNamespacedDeployment({ namespace: 'default', body })
    expect(made.metadata?.creationTimestamp).toBeInstanceOf(Date)
    expect(made.spec?.replicas).toBe(1)
    if (made.spec === undefined) throw new Error('the answer has no spec')
    made.spec.replicas = 3
    const replaced = await apps.replaceNamespacedDeployment({ name: 'web', namespace: 'default', body: made })
    expect(replaced.metadata?.generation).toBe(2)
    await expect(
      apps.replaceNamespacedDeployment({ name: 'web', namespace: 'default', body: made }),
    ).rejects.toMatchObject({ code: 409 })
    const patched = await apps.patchNamespacedDeployment(
      { name: 'web', namespace: 'default', body: [{ op: 'replace', path: '/spec/replicas', value: 5 }] },
      setHeaderOptions('Content-Type', PatchStrategy.JsonPatch),
    )
    expect(patched.spec?.replicas).toBe(5)
    const scale = await apps.readNamespacedDeploymentScale({ name: 'web', namespace: 'default' })
    expect(scale.spec?.replicas).toBe(5)
    const list = await apps.listNamespacedDeployment({ namespace: 'default', labelSelector: '!nothing' })
    expect(list.items.map((item) => item.metadata?.name)).toEqual(['web'])
    await apps.deleteNamespacedDeployment({ name: 'web', namespace: 'default' })
    const gone = await apps
      .readNamespacedDeployment({ name: 'web', namespace: 'default' })
      .catch((error: unknown) => error)
    expect(gone).toBeInstanceOf(ApiException)
    expect(gone).toMatchObject({ code: 404 })
  })

  test('applies with its object client', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config)
    const map = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'applied', namespace: 'default' },
      data: { a: '1' },
    }
    await objects.patch(map, undefined, undefined, 'tester', true, PatchStrategy.ServerSideApply)
    const found = await core.readNamespacedConfigMap({ name: 'applied', namespace: 'default' })
    expect(found.data).toEqual({ a: '1' })
    expect(found.metadata?.managedFields?.[0]).toMatchObject({ manager: 'tester', operation: 'Apply' })
  })

  test('watches', async () => {
    const seen: string[] = []
    const path = '/api/v1/namespaces/default/secrets'
    const abort = await new Watch(config).watch(
      path,
      {},
      (phase, object) => seen.push(`${phase} ${object.metadata.name}`),
      () => undefined,
    )
    await core.createNamespacedSecret({
      namespace: 'default',
      body: { metadata: { name: 's' }, stringData: { key: 'value' } },
    })
    await eventually(async () => seen.includes('ADDED s'))
    const secret = await core.readNamespacedSecret({ name: 's', namespace: 'default' })
    expect(secret.data).toEqual({ key: Buffer.from('value').toString('base64') })
    abort.abort()
  })

  test('keeps an informer up to date', async () => {
    const informer = makeInformer(config, '/api/v1/namespaces/default/configmaps', () =>
      core.listNamespacedConfigMap({ namespace: 'default' }),
    )
    const names: string[] = []
    informer.on('add', (object) => names.push(object.metadata?.name ?? ''))
    await informer.start()
    await core.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: 'informed' } } })
    await eventually(async () => names.includes('informed'))
    await informer.stop()
  })
})

describe('credentials', () => {
  test('a wrong token is 401, none is 403, and health needs none', async () => {
    const ask = (path: string, token?: string) =>
      fetch(api.server.plainUrl + path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
    const wrong = await ask('/api/v1/pods', 'nonsense')
    expect(wrong.status).toBe(401)
    expect(await wrong.json()).toMatchObject({ kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized' })
    const none = await ask('/api/v1/namespaces/default/pods')
    expect(none.status).toBe(403)
    expect(await none.json()).toMatchObject({
      message:
        'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "default"',
    })
    for (const path of ['/healthz', '/livez', '/readyz', '/version']) expect((await ask(path)).status).toBe(200)
    expect((await ask('/api')).status).toBe(403)
  })

  test('a page of another name that points here is turned away', async () => {
    const { request } = await import('node:http')
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { host: 'evil.example', authorization: `Bearer ${testToken}` }
      request(`${api.server.plainUrl}/api/v1/secrets`, { headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(421)
  })

  test('a body that is too large is refused', async () => {
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'x' },
      data: { a: 'x'.repeat(4 * 1024 * 1024) },
    }
    const answer = await api.request('POST', '/api/v1/namespaces/default/configmaps', body)
    expect(answer.status).toBe(413)
  })
})
