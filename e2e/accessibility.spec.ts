import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, type Page } from '@playwright/test'
import { startRepositoryServer } from '../apps/platform/test/repository-server.ts'
import { ADMIN } from './support/api.ts'
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
  await api.admin.setQuota.mutate({ team: 'acme', limits: { cpuMillis: 90_000, memoryMiB: 900_000, instances: 900 } })
})
test.afterAll(async ({ slipway }) => {
  await slipway.api.admin.setQuota.mutate({ team: 'acme', limits: null })
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
  ['/acme/settings/quota', /free of 90 cores of the team/],
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
  ['/welcome?new=team', 'Name your team'],
  ['/admin', 'Slipway’s parts'],
  ['/admin/teams', 'Hand back'],
  ['/admin/accounts', ADMIN.email],
  ['/admin/builds', 'Nothing is being built'],
  ['/admin/settings', 'Who can create teams'],
]

/** On a desk and on a phone. */
async function expectUsable(page: Page, path: string): Promise<void> {
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 })
    await expectAccessible(page, `${path} at ${width} px`)
  }
  await expectNarrow(page, path)
}

for (const [path, loaded] of PAGES) {
  test(`axe (24): ${path.replace(LONG, 'app')} has nothing for it to find in either theme, and fits 360 px`, async ({
    page,
  }) => {
    await page.goto(path)
    await expect(page.getByRole('main').getByText(loaded).first()).toBeVisible()
    await expectUsable(page, path)
  })
}

test.describe('axe (24): signed out', () => {
  test.use({ storageState: { cookies: [], origins: [] } })

  test('the pages before signing in have nothing for it to find, and fit 360 px', async ({ page, slipway }) => {
    const { path: invitation } = await slipway.api.invitation.create.mutate({
      team: 'acme',
      email: 'hedy@example.com',
      role: 'viewer',
    })
    const reset = await slipway.api.account.createResetLink.mutate({ email: ADMIN.email })
    const pages: [path: string, loaded: string][] = [
      ['/login?ended=1', 'Your session has ended'],
      ['/forgot', 'slipway accounts reset-link'],
      [new URL(reset.url).pathname, 'Set a new password'],
      ['/reset/nothing', 'This link no longer works'],
      [invitation, 'You have been invited to join Acme as a viewer.'],
      ['/invite/nothing', 'This invitation no longer works'],
    ]
    for (const [path, loaded] of pages) {
      await page.goto(path)
      await expect(page.getByText(loaded).first()).toBeVisible()
      await expectUsable(page, path.replace(/[^/]{20,}$/, '…'))
    }
  })
})

test('phone (21): the active tab is in sight, and nothing that matters is beyond the edge', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  for (const [label, path] of [
    ['Settings', pathOf(LONG, 'settings')],
    ['Config', pathOf(LONG, 'config')],
    ['Settings and audit', '/admin/settings'],
    ['Audit', '/acme/settings/audit'],
  ] as const) {
    await page.goto(path)
    await expect(page.locator('nav [aria-current=page]').filter({ hasText: label }).last()).toBeInViewport({ ratio: 1 })
  }
  // Tables with sentences or actions are cards: no box has to be scrolled sideways to read or use them.
  for (const [path, box] of [
    ['/acme/shop', 'Apps by environment'],
    ['/acme/settings/audit', 'Audit'],
    ['/admin/settings', 'Audit'],
    [pathOf(LONG), 'Instances of web'],
    ['/admin', 'Queues'],
  ] as const) {
    await page.goto(path)
    const region = page.getByRole('region', { name: box }).and(page.locator('[tabindex="0"]'))
    await expect(region).toBeVisible()
    const beyond = () => region.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)
    await expect.poll(beyond, { message: `${box} on ${path}: pixels beyond its box` }).toBeLessThanOrEqual(0)
  }
})
