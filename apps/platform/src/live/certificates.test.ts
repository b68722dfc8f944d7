import { connectCluster, type KubeObject } from '@slipway/kube'
import { tlsSecretName } from '@slipway/manifests'
import { afterEach, expect, test } from 'vitest'
import { json, startScriptedServer, until } from '../../../../packages/kube/test/scripted-server.ts'
import { WatchStore } from '../../../../packages/kube/test/watch-store.ts'
import { createCertificateReader } from './certificates.ts'

const HOST = 'shop.example.com'
const NAME = tlsSecretName('web', HOST)
const ingress = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web', namespace: 'ns' },
  spec: { tls: [{ hosts: [HOST], secretName: NAME }] },
}
const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** A cluster that answers for Certificates alone; the app's Ingress is known. */
async function setup(options: { hasKind: boolean }) {
  const store = new WatchStore()
  const state = { hasKind: options.hasKind }
  const server = await startScriptedServer((response, hit) => {
    if (!state.hasKind) return void response.writeHead(404).end('404 page not found\n')
    if (hit.url.pathname !== '/apis/cert-manager.io/v1/certificates') return json(response, 500, {})
    return store.answer(response, hit)
  })
  const cluster = await connectCluster({ config: server.credentials })
  const problems: string[] = []
  const changes: string[] = []
  const reader = createCertificateReader({
    cluster,
    caches: {
      appIdOf: () => 'id-of-web',
      find: ({ name }) => (name === 'web' ? (ingress as KubeObject) : undefined),
      isSynced: () => true,
    },
    onProblem: (sentence) => problems.push(sentence),
    now: () => new Date('2026-11-29T12:00:00Z'),
  })
  reader.onChange((appId) => changes.push(appId))
  reader.start()
  cleanups.push(
    () => server.close(),
    () => cluster.close(),
    () => reader.stop(),
  )
  return { store, state, reader, problems, changes }
}

test('a certificate is found by the host of its app, and what becomes of it is told', async () => {
  const { store, reader, problems, changes } = await setup({ hasKind: true })
  expect(reader.of('ns', 'web', HOST)).toMatchObject({ state: 'Unknown', message: /not been read yet/ })
  await until('the watch', () => store.watching === 1)
  expect(reader.of('ns', 'web', HOST)).toMatchObject({ state: 'Missing', message: /cert-manager is running/ })
  expect(reader.of('ns', 'other', HOST)).toMatchObject({ state: 'Missing', message: /when the app is deployed/ })
  store.put(
    NAME,
    {},
    { ownerReferences: [{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'web', uid: 'u' }] },
  )
  await until('the change', () => changes.length === 1)
  expect(changes).toEqual(['id-of-web'])
  expect(reader.of('ns', 'web', HOST)).toMatchObject({ state: 'Issuing' })
  expect(problems).toEqual([])
})

test('a cluster without cert-manager is said once, and heard when it has one', async () => {
  const { store, state, reader, problems } = await setup({ hasKind: false })
  await until('the problem', () => problems.length > 0)
  expect(problems).toEqual([expect.stringMatching(/^Certificates cannot be read\. Check that cert-manager .*404/)])
  expect(reader.of('ns', 'web', HOST)).toEqual({
    state: 'Unknown',
    message: expect.stringMatching(/^Certificates cannot be read\. .* certificates\.$/),
    expiresAt: null,
    renewsAt: null,
  })
  state.hasKind = true
  await until('the watch', () => store.watching === 1)
  expect(reader.of('ns', 'web', HOST)).toMatchObject({ state: 'Missing' })
  expect(problems).toHaveLength(1)
})
