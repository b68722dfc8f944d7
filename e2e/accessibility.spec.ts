import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from '@playwright/test'
import { startRepositoryServer } from '../apps/platform/test/repository-server.ts'
import { CRASHES, WITH_WORKER } from './support/apps.ts'
import { pathOf, refOf, test } from './support/fixtures.ts'
import { expectAccessible, expectNarrow } from './support/pages.ts'

/** As long as a name may be, and nothing to break it at. */
const LONG = 'averyveryverylongnameforanappofatinyshop'
const LONG_VARIABLE = 'A_VARIABLE_WHOSE_NAME_IS_LONGER_THAN_ANY_SCREEN_OF_A_PHONE_IS_WIDE'

test.beforeAll(async ({ slipway }) => {
  const { api } = slipway
  const repository = await slipway.deploy(LONG, WITH_WORKER)
  await api.config.update.mutate({ ...refOf(LONG), set: { [LONG_VARIABLE]: 'x'.repeat(400) }, unset: [] })
  await api.app.scale.mutate({ ...refOf(LONG), processes: [{ name: 'web', instances: 2 }] })
  await api.domain.add.mutate({ ...refOf(LONG), hostname: `${'long.'.repeat(20)}example.com` })
  const served = mkdtempSync(path.join(tmpdir(), 'slipway-host-'))
  symlinkSync(path.join(repository.dir, '.git'), path.join(served, `${'shop'.repeat(20)}.git`))
  const host = await startRepositoryServer(served, null)
  const source = { host: 'github', repositoryUrl: `${host.url}/${'shop'.repeat(20)}.git` } as const
  const hook = await api.source.connect.mutate({ ...refOf(LONG), ...source, branch: 'main' })
  await host.stop()
  rmSync(served, { recursive: true })
  await fetch(hook.url, { method: 'POST', body: '{}', headers: { 'x-github-event': 'push' } })
  await api.registry.set.mutate({ team: 'acme', host: 'ghcr.io', username: 'octo', password: 'x' })
  await api.invitation.create.mutate({ team: 'acme', email: 'grace@example.com', role: 'developer' })
  repository.write(CRASHES)
  await repository.commit(`Break it ${'badly'.repeat(30)}`)
  await slipway.push(LONG, repository)
  repository.remove()
  await api.quota.set.mutate({ team: 'acme', limits: { cpuMillis: 90_000, memoryMiB: 900_000, instances: 900 } })
})
test.afterAll(async ({ slipway }) => {
  await slipway.api.quota.set.mutate({ team: 'acme', limits: { cpuMillis: null, memoryMiB: null, instances: null } })
  await slipway.clear()
})

/** A page, and what stands on it once it has loaded. */
const PAGES: [path: string, loaded: string | RegExp][] = [
  ['/', 'Needs attention'],
  ['/new', 'What runs'],
  ['/settings', 'API tokens'],
  ['/acme', 'Shop'],
  ['/acme/shop', LONG],
  ['/acme/shop/settings', 'Delete this project'],
  ['/acme/settings', 'Save'],
  ['/acme/settings/members', 'grace@example.com'],
  ['/acme/settings/quota', 'CPU 0m of 90 cores'],
  ['/acme/settings/registries', 'ghcr.io'],
  ['/acme/settings/audit', /Audit/],
  [pathOf(LONG), /is failing: .* still serves/],
  [pathOf(LONG, 'releases'), 'Roll back'],
  [pathOf(LONG, 'builds'), /Break it/],
  [pathOf(LONG, 'builds/1'), 'Node.js app detected'],
  [pathOf(LONG, 'logs'), 'worker beat'],
  [pathOf(LONG, 'processes'), 'node worker.js'],
  [pathOf(LONG, 'config'), LONG_VARIABLE],
  [pathOf(LONG, 'networking'), /long\.long\./],
  [pathOf(LONG, 'settings'), 'Rejected'],
  ['/acme/nowhere', /not|nothing/i],
]

for (const [path, loaded] of PAGES) {
  test(`${path.replace(LONG, 'app')} has nothing for axe to find in either theme, and fits 360 px`, async ({
    page,
  }) => {
    await page.goto(path)
    await expect(page.getByRole('main').getByText(loaded).first()).toBeVisible()
    await expectAccessible(page, path)
    await expectNarrow(page, path)
  })
}
