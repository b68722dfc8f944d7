import { expect } from '@playwright/test'
import { MIGRATES } from './support/apps.ts'
import { pathOf, refOf, test } from './support/fixtures.ts'
import { expectAccessible, expectNarrow, panel, releaseLine } from './support/pages.ts'

test.afterAll(({ slipway }) => slipway.clear())

test('a release command runs before the release; one that fails keeps it back, with its output at hand', async ({
  page,
  slipway,
}) => {
  const repository = await slipway.newApp('shop', MIGRATES)
  const { code, output } = await slipway.push('shop', repository)
  repository.remove()
  expect([code, output]).toEqual([0, expect.stringContaining('migrated for v1')])
  expect(output).toContain('deployed to Slipway (v1)')

  await slipway.api.config.update.mutate({ ...refOf('shop'), set: { BROKEN: 'yes' }, unset: [] })
  await page.goto(pathOf('shop'))
  const health = page.getByRole('region', { name: 'Health' })
  await expect(health).toContainText('v2 was not deployed: its release command exited with code 1. v1 still serves.')
  const why = page.getByRole('region', { name: "Why isn't it live?" })
  await expect(why).toContainText('relation "orders" does not exist')
  await expect(why.getByRole('button', { name: 'Roll back to v1' })).toBeVisible()
  await expectAccessible(page, 'release-failed')
  await expectNarrow(page, 'release-failed')
  expect((await slipway.fetch('shop')).status).toBe(200)

  await why.getByRole('link', { name: 'Open the release log' }).click()
  await expect(page.getByRole('heading', { name: 'Release command of v2' })).toBeVisible()
  await expect(page.getByText('It exited with code 1.')).toBeVisible()
  await expect(page.getByRole('log')).toContainText('relation "orders" does not exist')
  await expectAccessible(page, 'release-log')
  await expectNarrow(page, 'release-log')

  await page.goto(pathOf('shop', 'releases'))
  await expect(releaseLine(page, 2)).toContainText('It was not deployed: its release command exited with code 1.')
  await releaseLine(page, 1)
    .getByRole('link', { name: /^Output of the release command of v1, succeeded/ })
    .click()
  await expect(page.getByRole('log')).toContainText('migrated for v1')

  await page.goto(pathOf('shop', 'processes'))
  const row = panel(page, 'Processes').getByRole('listitem').filter({ hasText: 'node migrate.js' })
  await expect(row).toContainText('runs before each release')
  await expect(row.getByLabel('Instances of release')).toHaveCount(0)
  await expectAccessible(page, 'processes-release')
})

test('a command that runs is followed on its page, and ends when the release is cancelled', async ({
  page,
  slipway,
}) => {
  await slipway.api.config.update.mutate({ ...refOf('shop'), set: { SLOW: 'yes' }, unset: ['BROKEN'] })
  await page.goto(pathOf('shop', 'releases/3/log'))
  await expect(page.getByRole('log')).toContainText('migrating for v3')
  await expect(page.getByText('Running', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await expect(page.getByText('It was stopped.')).toBeVisible()
  await page.goto(pathOf('shop'))
  await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v1 on 1 of 1 instance')
})
