import { createHmac, randomUUID } from 'node:crypto'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { startRepositoryServer } from '../apps/platform/test/repository-server.ts'
import { apiWith, untilHealthy } from './support/api.ts'
import { createRepository } from './support/git.ts'
import { until } from './support/installation.ts'
import {
  dockerfile,
  FAILS_AT_START,
  GO,
  HAS_BUSYBOX,
  JAVA,
  NODE,
  PYTHON,
  SLOW_BUILD,
  STATIC,
} from './support/journey-apps.ts'
import { startReplica } from './support/replica.ts'
import { openTarget, type Target } from './support/target.ts'

// What a team does with its apps, from the first push to the last deletion: the same on the local cluster and on the cluster of
// KUBECONFIG (npm run e2e:cluster). Nothing is made that is not removed.
test.describe.configure({ mode: 'serial', timeout: 300_000 })

let target: Target
test.beforeAll(async () => {
  test.setTimeout(300_000)
  target = await openTarget()
})
test.afterAll(async () => {
  test.setTimeout(300_000)
  await target?.close()
})

/** Creates the app, pushes the files, and waits until it answers with the text. */
async function goesLive(app: string, files: Readonly<Record<string, string | Buffer>>, text: string): Promise<void> {
  await target.api.app.create.mutate({ ...target.refOf(app), source: { kind: 'git' } })
  const repository = await createRepository(files)
  const { code, output } = await target.push(app, repository)
  repository.remove()
  expect(code, output).toBe(0)
  expect(output).toMatch(/deployed to Slipway \(v1\)|v1 is live/)
  const view = await target.api.app.get.query(target.refOf(app))
  expect(view).toMatchObject({ servingRelease: 1, health: { status: 'Healthy' } })
  await until(`${app} to answer`, async () => {
    const answer = await target.fetch(app)
    return answer.status === 200 && answer.body.includes(text)
  })
}

/** Room for the next app on a small machine. */
async function remove(app: string): Promise<void> {
  await target.api.app.delete.mutate({ ...target.refOf(app), confirm: app })
}

const LANGUAGES = [
  ['static', STATIC, 'static site'],
  ['python', PYTHON, 'python app'],
  ['go', GO, 'go app'],
  ['java', JAVA, 'java app'],
] as const
for (const [app, files, text] of LANGUAGES) {
  test(`a push of a ${app} app goes live`, async () => {
    await goesLive(app, files, text)
    await remove(app)
  })
}

test('a push of a Dockerfile goes live', async () => {
  test.skip(!HAS_BUSYBOX && !process.env.CI, 'needs Debian’s busybox-static')
  await goesLive('dockerfile', dockerfile(), 'dockerfile app')
  await remove('dockerfile')
})

test('a push of a Node app goes live, and so does the next one', async () => {
  const ref = target.refOf('web')
  await target.api.app.create.mutate({ ...ref, source: { kind: 'git' } })
  const repository = await createRepository(NODE('first'))
  expect((await target.push('web', repository)).code).toBe(0)
  expect((await target.fetch('web')).body).toBe('first nobody')
  repository.write(NODE('second'))
  const commit = await repository.commit('Second')
  expect((await target.push('web', repository)).code).toBe(0)
  await until('the second version', async () => (await target.fetch('web')).body === 'second nobody')
  const environment: Record<string, string> = JSON.parse((await target.fetch('web', '/env')).body)
  expect(environment).toMatchObject({ SOURCE_VERSION: commit, SLIPWAY_RELEASE: 'v2' })
  repository.remove()
})

test('config, scale and rollback', async () => {
  const ref = target.refOf('web')
  await target.api.config.update.mutate({ ...ref, set: { GREETING: 'world' }, unset: [] })
  await untilHealthy(target.api, ref, 3)
  await until('the new config', async () => (await target.fetch('web')).body === 'second world')
  await target.api.app.scale.mutate({ ...ref, processes: [{ name: 'web', instances: 2 }] })
  await until('two instances', async () => (await target.api.app.get.query(ref)).instances.ready === 2, 120_000)
  await target.api.release.rollback.mutate({ ...ref, release: 1 })
  await untilHealthy(target.api, ref, 4)
  await until('the first version', async () => (await target.fetch('web')).body === 'first nobody')
  const lines = await target.api.logs.get.query({ ...ref, tail: 100 })
  expect(lines.some(({ text }) => text === 'listening')).toBe(true)
})

test('with two platforms on one database, either may be killed', async () => {
  test.skip(process.platform !== 'linux', 'reads the platform’s environment from /proc')
  const ref = target.refOf('web')
  const replica = await startReplica(target.installation)
  try {
    const api = apiWith(replica.url, target.token)
    await api.config.update.mutate({ ...ref, set: { GREETING: 'replica' }, unset: [] })
    await until('the config of the replica', async () => (await target.fetch('web')).body === 'first replica')
    const killed = target.installation.killPart('Platform')
    await api.config.update.mutate({ ...ref, set: { GREETING: 'survivor' }, unset: [] })
    await until(
      'what the survivor reconciles',
      async () => (await target.fetch('web')).body === 'first survivor',
      120_000,
    )
    await killed
  } finally {
    await replica.stop()
  }
  await untilHealthy(target.api, ref, 6)
})

test('a release that fails at its start ends the push with its cause, and the old one serves', async () => {
  const ref = target.refOf('web')
  const repository = await createRepository(FAILS_AT_START)
  const { code, output } = await target.push('web', repository, '--force')
  repository.remove()
  expect(code).not.toBe(0)
  expect(output).toContain('DATABASE_URL is not set')
  expect((await target.fetch('web')).body).toBe('first survivor')
  await target.api.release.rollback.mutate({ ...ref, release: 6 })
  await untilHealthy(target.api, ref)
})

test('a build is cancelled within 5 s', async () => {
  const ref = target.refOf('slow')
  await target.api.app.create.mutate({ ...ref, source: { kind: 'git' } })
  const repository = await createRepository(SLOW_BUILD)
  const pushing = target.push('slow', repository)
  await until(
    'the build to run',
    async () => (await target.api.build.list.query(ref)).items[0]?.status === 'running',
    120_000,
  )
  const askedAt = Date.now()
  await target.api.build.cancel.mutate({ ...ref, build: 1 })
  await until(
    'the build to end',
    async () => (await target.api.build.get.query({ ...ref, build: 1 })).status === 'cancelled',
  )
  expect(Date.now() - askedAt).toBeLessThan(5_000)
  expect((await pushing).code).not.toBe(0)
  repository.remove()
  await remove('slow')
})

test('a webhook of a git host becomes a release', async () => {
  const ref = target.refOf('hooked')
  const repository = await createRepository(NODE('hooked'))
  const host = await startRepositoryServer(path.dirname(repository.dir), null)
  try {
    await target.api.app.create.mutate({ ...ref, source: { kind: 'git' } })
    const repositoryUrl = `${host.url}/${path.basename(repository.dir)}/.git`
    const webhook = await target.api.source.connect.mutate({ ...ref, host: 'github', repositoryUrl, branch: 'main' })
    const commit = (await repository.git('rev-parse', 'HEAD')).output.trim()
    const body = JSON.stringify({
      ref: 'refs/heads/main',
      after: commit,
      head_commit: { id: commit, message: 'First version', author: { name: 'Ada' } },
      repository: { full_name: 'acme/shop' },
      pusher: { name: 'Ada' },
    })
    const answer = await fetch(webhook.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'push',
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': `sha256=${createHmac('sha256', webhook.secret).update(body).digest('hex')}`,
      },
      body,
    })
    expect(answer.status, await answer.text()).toBe(202)
    await untilHealthy(target.api, ref, 1)
    expect((await target.fetch('hooked')).body).toBe('hooked nobody')
  } finally {
    await host.stop()
    repository.remove()
  }
  await remove('hooked')
})

test('deleting leaves nothing behind', async () => {
  expect(await target.clear()).toEqual([])
})
