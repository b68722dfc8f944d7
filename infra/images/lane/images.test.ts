import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../../apps/launcher/src/ports.ts'
import { apiWith, createShop, tokenFor } from '../../../e2e/support/api.ts'
import { type ForeignCluster, startForeignCluster } from '../../../e2e/support/foreign-cluster.ts'
import { withToken } from '../../../e2e/support/git.ts'
import { until } from '../../../e2e/support/installation.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../packages/db/src/embedded/index.ts'
import { type ImageStore, openStore, whyNoImages } from '../testing/buildah.ts'
import { type Container, type ContainerOptions, runImage } from '../testing/container.ts'

/** Namespaces of environments. */
const ENVIRONMENTS = '/api/v1/namespaces?labelSelector=slipway.dev/environment'
const MB = 1e6
const ADMIN = { email: 'ada@example.com', password: 'correct horse battery' }
const SECRET = 's'.repeat(44)

/** Keeps base, layers and images for the next run, which then builds only what has changed. */
const KEPT = process.env.SLIPWAY_IMAGES_DIR

const why = whyNoImages()
if (why !== null && process.env.CI) throw new Error(`The images cannot be built: ${why}.`)
if (why !== null) console.warn(`The images are not built and run: ${why}.`)

const isReady = async (url: string) => (await fetch(`${url}/readyz`).catch(() => null))?.ok

/** Builds the images with buildah and runs them with runc, as `restricted` pods would run: no root, read-only, no capabilities. */
describe.skipIf(why !== null)('the images, built and running', () => {
  let folder: string
  let store: ImageStore
  let postgres: EmbeddedPostgres
  let cluster: ForeignCluster
  const started: Container[] = []

  const start = async (app: string, options: ContainerOptions) => {
    const container = await runImage(store, folder, `localhost/slipway/${app}`, options)
    started.push(container)
    return container
  }

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'slipway-images-'))
    chmodSync(folder, 0o755)
    store = openStore(KEPT ?? folder)
    await store.base()
  })
  afterAll(async () => {
    for (const container of started) await container.stop()
    await cluster?.stop()
    await postgres?.stop()
    await store?.close()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  // Over a slim base, which is some 200 MB with its Node.
  it.each([
    ['platform', 250],
    ['console', 200],
    ['cli', 200],
  ] as const)(
    'builds the %s in at most %i MB over its base',
    async (app, limit) => {
      const { own, total } = await store.sizes(await store.build(app))
      console.log(`${app}: ${Math.round(own / MB)} MB over the base, ${Math.round(total / MB)} MB with it`)
      expect(own).toBeLessThan(limit * MB)
    },
    600_000,
  )

  describe('as an installation', () => {
    let platformUrl: string
    let platform: Container
    let pages: Container

    beforeAll(async () => {
      postgres = await startEmbeddedPostgres({ dir: path.join(folder, 'postgres') })
      cluster = await startForeignCluster()
      const [platformPort, consolePort] = [await freePort(), await freePort()]
      platformUrl = `http://localhost:${platformPort}`
      const sockets = new URL(postgres.url).searchParams.get('host') ?? ''
      chmodSync(sockets, 0o755)
      const state = path.join(folder, 'state')
      mkdirSync(state)
      execFileSync('chown', ['1000:1000', state, cluster.kubeconfig])
      chmodSync(path.dirname(cluster.kubeconfig), 0o755)
      platform = await start('platform', {
        env: {
          DATABASE_URL: postgres.url,
          KUBECONFIG: '/etc/slipway/kubeconfig',
          SLIPWAY_CLUSTER_KIND: 'kubernetes',
          SLIPWAY_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
          SLIPWAY_SESSION_SECRET: SECRET,
          SLIPWAY_URL: platformUrl,
          SLIPWAY_LISTEN_PORT: String(platformPort),
          SLIPWAY_CONSOLE_URL: `http://localhost:${consolePort}`,
          SLIPWAY_ADMIN_EMAIL: ADMIN.email,
          SLIPWAY_ADMIN_PASSWORD: ADMIN.password,
        },
        volumes: { '/var/lib/slipway': state, '/etc/slipway/kubeconfig': cluster.kubeconfig, [sockets]: sockets },
      })
      pages = await start('console', {
        env: {
          PORT: String(consolePort),
          SLIPWAY_URL: platformUrl,
          SLIPWAY_PLATFORM_URL: platformUrl,
          SLIPWAY_SESSION_SECRET: SECRET,
          NEXTAUTH_SECRET: SECRET,
          NEXTAUTH_URL: platformUrl,
        },
      })
      await Promise.race([
        until('the platform to be ready', () => isReady(platformUrl), 60_000),
        platform.exited.then((code) => Promise.reject(new Error(`the platform ended with ${code}`))),
      ]).catch((error: Error) => {
        throw new Error(`${error.message}: ${platform.output()}`)
      })
    }, 180_000)
    afterEach(({ task }) => {
      if (task.result?.state === 'fail') process.stderr.write(`${platform.output()}\n${pages.output()}\n`)
    })

    it('runs the platform as nobody special, on a root that is read-only', () => {
      expect(platform.exec(['id', '-u']).output.trim()).toBe('1000')
      expect(platform.exec(['touch', '/app/x']).output).toContain('Read-only file system')
      expect(platform.exec(['sh', '-c', 'grep CapEff /proc/self/status']).output).toMatch(/CapEff:\s+0+$/m)
    })

    it('migrates, signs people in, reaches the cluster and makes an environment on it', async () => {
      const ready = await (await fetch(`${platformUrl}/readyz`)).text()
      expect(ready).not.toContain('cannot')
      const api = apiWith(platformUrl, await tokenFor(platformUrl, ADMIN))
      const shop = await createShop(api)
      expect(await api.app.list.query(shop)).toEqual([])
      await until('the environment’s namespace', async () => (await cluster.count(ENVIRONMENTS)) > 0, 20_000)
      expect(cluster.refused).toEqual([])
    })

    it('takes git clones', async () => {
      const token = await tokenFor(platformUrl, ADMIN)
      const api = apiWith(platformUrl, token)
      await api.app.create.mutate({
        team: 'acme',
        project: 'shop',
        environment: 'production',
        app: 'web',
        source: { kind: 'git' },
      })
      const address = withToken(`${platformUrl}/git/acme/shop/production/web.git`, token)
      expect(execFileSync('git', ['ls-remote', address], { encoding: 'utf8' })).toBe('')
    })

    it('serves the pages of the console through the platform', async () => {
      const page = await until(
        'the sign-in page',
        async () => {
          const answer = await fetch(`${platformUrl}/login`).catch(() => null)
          return answer?.status === 200 ? answer.text() : null
        },
        60_000,
      )
      expect(page).toContain('<html')
      const [script] = /\/_next\/static\/[^"]+\.js/.exec(page) ?? []
      expect((await fetch(`${platformUrl}${script}`)).status).toBe(200)
      expect(pages.exec(['id', '-u']).output.trim()).toBe('1000')
      expect(pages.exec(['touch', '/app/x']).output).toContain('Read-only file system')
      expect(pages.output()).not.toMatch(/EROFS|EACCES/)
    })

    it('answers the command line', async () => {
      const help = await start('cli', {})
      expect(await help.exited, help.output()).toBe(0)
      expect(help.output()).toContain('deploy')
      const list = await start('cli', {
        env: { SLIPWAY_URL: platformUrl, SLIPWAY_TOKEN: await tokenFor(platformUrl, ADMIN) },
        command: ['apps', '--json'],
      })
      expect(await list.exited, list.output()).toBe(0)
      expect(list.output()).toContain('"web"')
    })

    it('ends on SIGTERM in good order', async () => {
      expect(await platform.stop(), platform.output()).toBe(0)
      await pages.stop()
      expect(platform.output()).not.toMatch(/EROFS|EACCES|"level":[56]0/)
    })
  })
})
