import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform()
})
afterAll(() => platform?.stop())

const SERVER = `node -e "require('http').createServer((q, r) => r.end('here')).listen(process.env.PORT)"`

test('a host name that the API server refuses keeps neither the others nor the app back, and shows on the app', async () => {
  const ref = { ...platform.environment, app: 'web' }
  const view = () => platform.api().app.get.query(ref)
  const healthOf = async () => (await view()).health.status
  await platform.api().app.create.mutate({ ...ref, source: { kind: 'image', image: 'node:24', command: SERVER } })
  await waitFor('the app', async () => (await healthOf()) === 'Healthy')

  // An earlier version took it.
  const { id: appId } = await platform.database.db.client.app.findFirstOrThrow({ where: { slug: 'web' } })
  await platform.database.db.client.domain.create({ data: { appId, hostname: '10.0.0.1' } })
  await platform.api().domain.add.mutate({ ...ref, hostname: 'later.example.com' })
  await waitFor('the domain after it', async () => (await platform.fetchApp('later.example.com')).body === 'here')
  const refused = await waitFor('the refusal', async () => {
    const app = await view()
    return app.health.reason === 'Refused' && app
  })
  expect(refused.health.status).toBe('Degraded')
  expect(refused.health.message).toMatch(/^Kubernetes refuses 10\.0\.0\.1: .*must be a DNS name, not an IP address/)
  expect(refused.health.action).toContain('Remove the domain')
  expect(refused.why?.sentence).toBe(refused.health.message)
  expect(refused.domains.find(({ hostname }) => hostname === '10.0.0.1')?.refusal).toContain('not an IP address')
  expect(refused.domains.find(({ hostname }) => hostname === 'later.example.com')?.refusal).toBeNull()
  expect(refused.url).toContain('later.example.com')
  expect((await platform.api().app.list.query({}))[0]?.health.status).toBe('Degraded')

  // The rest goes on: a new release rolls out beside it.
  await platform.api().config.update.mutate({ ...ref, set: { GREETING: 'hello' } })
  await waitFor('the next release', async () => (await view()).servingRelease === 2)
  expect(await healthOf()).toBe('Degraded')

  await platform.api().domain.remove.mutate({ ...ref, hostname: '10.0.0.1' })
  await waitFor('health without it', async () => (await healthOf()) === 'Healthy')
})
