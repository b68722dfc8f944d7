import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../packages/db/src/embedded/index.ts'
import { connectCluster, Pods } from '../packages/kube/src/index.ts'
import { ADMIN, apiWith, createShop, tokenFor, untilHealthy } from './support/api.ts'
import { type ForeignCluster, startForeignCluster } from './support/foreign-cluster.ts'
import { createRepository, withToken } from './support/git.ts'
import { type Installation, ROOT, startInstallation, until } from './support/installation.ts'

const NO_REGISTRY =
  'No image registry is configured, so source cannot be built: set SLIPWAY_REGISTRY, or deploy images.'
const NO_INGRESS =
  'No ingress is configured, so apps have no address of their own: set SLIPWAY_INGRESS_CLASS or SLIPWAY_GATEWAY, and SLIPWAY_APPS_DOMAIN.'

let cluster: ForeignCluster
let postgres: EmbeddedPostgres
let installation: Installation
let databaseDir: string

test.beforeAll(async () => {
  test.setTimeout(240_000)
  databaseDir = mkdtempSync(path.join(tmpdir(), 'slipway-foreign-db-'))
  postgres = await startEmbeddedPostgres({ dir: databaseDir })
  cluster = await startForeignCluster()
  installation = await startInstallation({
    env: {
      KUBECONFIG: cluster.kubeconfig,
      DATABASE_URL: postgres.url,
      SLIPWAY_ADMIN_EMAIL: ADMIN.email,
      SLIPWAY_ADMIN_PASSWORD: ADMIN.password,
    },
  })
})
test.afterAll(async () => {
  await installation?.remove()
  await cluster?.stop()
  await postgres?.stop()
  if (databaseDir) rmSync(databaseDir, { recursive: true, force: true })
})

test('with KUBECONFIG and DATABASE_URL, image apps work whole there, and what is missing is said', async ({ page }) => {
  const { url, stateDir } = installation
  await test.step('neither the embedded Postgres nor the local cluster is started', async () => {
    const parts: Record<string, number> = JSON.parse(readFileSync(path.join(stateDir, 'parts.json'), 'utf8'))
    expect(Object.keys(parts).sort()).toEqual(['Console', 'Launcher', 'Platform'])
    expect(existsSync(path.join(stateDir, 'postgres')) || existsSync(path.join(stateDir, 'cluster'))).toBe(false)
  })

  const token = await tokenFor(url)
  const api = apiWith(url, token)
  const shop = await createShop(api)
  const ref = { ...shop, app: 'web' }
  const image = await cluster.publish(path.join(ROOT, 'examples/node'))

  await test.step('an image app comes up, is scaled, gets config, is rolled back and goes', async () => {
    await api.app.create.mutate({ ...ref, source: { kind: 'image', image } })
    const app = await untilHealthy(api, ref, 1)
    expect(app).toMatchObject({ url: null, notConfigured: [NO_INGRESS], instances: { ready: 1, wanted: 1 } })
    const lines = await until('a log line', async () => {
      const found = await api.logs.get.query({ ...ref, tail: 50 })
      return found.some(({ text }) => text.startsWith('Listening on port')) && found
    })
    expect(lines.every(({ process }) => process === 'web')).toBe(true)
    await api.app.scale.mutate({ ...ref, processes: [{ name: 'web', instances: 2 }] })
    await until('two instances', async () => (await api.app.get.query(ref)).instances.ready === 2)
    await api.config.update.mutate({ ...ref, set: { GREETING: 'Good day' }, unset: [] })
    await untilHealthy(api, ref, 2)
    await api.release.rollback.mutate({ ...ref, release: 1 })
    expect((await untilHealthy(api, ref, 3)).recentReleases[0]).toMatchObject({ number: 3, rollbackOf: 1, image })
  })

  await test.step('a push says that nothing can be built, and why', async () => {
    const source = { ...shop, app: 'source' }
    const { gitUrl } = await api.app.create.mutate({ ...source, source: { kind: 'git' } })
    const repository = await createRepository(path.join(ROOT, 'examples/static'))
    const { code, output } = await repository.push(withToken(gitUrl, token))
    repository.remove()
    expect(code).not.toBe(0)
    expect(output).toContain('SLIPWAY_REGISTRY')
    const app = await api.app.get.query(source)
    expect(app.notConfigured).toEqual([NO_REGISTRY, NO_INGRESS])
    expect(app.recentBuilds).toEqual([])
  })

  await test.step('the pages say it, too', async () => {
    await page.goto(`${url}/login`)
    await page.getByLabel('E-mail address').fill(ADMIN.email)
    await page.getByLabel('Password', { exact: true }).fill(ADMIN.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL((address) => !address.pathname.startsWith('/login'))
    await page.goto(`${url}/acme/shop/production/source`)
    await expect(page.getByText('set SLIPWAY_REGISTRY')).toBeVisible()
    await page.goto(`${url}/acme/shop/production/web`)
    await expect(page.getByText('set SLIPWAY_INGRESS_CLASS')).toBeVisible()
  })

  await test.step('deleting the app leaves nothing of it, and all of this needed no right that infra/kubernetes does not grant', async () => {
    await api.app.delete.mutate({ ...ref, confirm: ref.app })
    for (const list of ['apis/apps/v1/NS/deployments', 'api/v1/NS/secrets', 'api/v1/NS/services', 'api/v1/NS/pods']) {
      const path = `/${list.replace('NS', 'namespaces/slipway-acme-shop-production')}?labelSelector=slipway.dev/app%3Dweb`
      await until(`${path} to be empty`, async () => (await cluster.count(path)) === 0)
    }
    await api.app.delete.mutate({ ...shop, app: 'source', confirm: 'source' })
    await api.project.delete.mutate({ team: shop.team, project: shop.project, confirm: shop.project })
    await until(
      'the namespace to go',
      async () => (await cluster.count('/api/v1/namespaces?labelSelector=slipway.dev/team')) === 0,
    )
    expect(cluster.refused).toEqual([])
    // What is not granted is refused, and seen here.
    const asPlatform = await connectCluster({ kubeconfigPath: cluster.kubeconfig })
    await expect(asPlatform.list({ ...Pods, kind: 'ConfigMap', plural: 'configmaps' })).rejects.toThrow(/cannot list/)
    await asPlatform.close()
    await until('the refusal to be logged', async () => cluster.refused.length > 0)
    expect(cluster.refused).toEqual(['list configmaps'])
  })
})
