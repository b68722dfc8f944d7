import { expect } from '@playwright/test'
import { refOf, test } from './support/fixtures.ts'
import { alertOn, logIn, panel } from './support/pages.ts'
import { addMember, pageOf } from './support/rights.ts'

const MILA = { email: 'mila@example.com', password: 'correct horse battery' }
test.describe.configure({ mode: 'serial' })

test.beforeAll(({ slipway }) => addMember(slipway.api, slipway.url, MILA, 'admin'))
test.afterAll(async ({ slipway }) => {
  await slipway.api.admin.setQuota.mutate({ team: 'acme', limits: null })
  await slipway.api.member.remove.mutate({ team: 'acme', email: MILA.email })
})

test('operator (9): nodes, capacity and the health of the parts are seen', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Installation' }).click()
  const nodes = panel(page, 'Nodes')
  await expect(nodes.getByText('Ready', { exact: true })).toBeVisible()
  await expect(nodes.getByRole('meter', { name: /^CPU of node / })).toHaveAttribute(
    'aria-valuetext',
    /\d+m CPU free of \d+m/,
  )
  await expect(panel(page, 'Capacity')).toContainText(
    /Quotas of all teams together: CPU (unlimited|[\d.]+ cores?) of [\d.]+ cores?/,
  )
  const parts = panel(page, 'Slipway’s parts')
  for (const part of ['Database', 'Cluster', 'Informers', 'Notifications', 'Disk'])
    await expect(parts).toContainText(part)
  await expect(parts.getByLabel('Not healthy')).toHaveCount(0)
  await expect(panel(page, 'Queues').getByRole('row')).toHaveCount(7)
  await expect(page.getByText('no limit')).toHaveCount(0)
})

test('operator (9): a quota that an operator set is not the team’s to change, until it is handed back', async ({
  page,
  browser,
  slipway,
}) => {
  await page.goto('/admin/teams')
  await page.getByRole('button', { name: 'Set quota of acme' }).click()
  await page.getByRole('dialog').getByLabel('Instances').fill('40')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).last().click()
  await expect(page.getByText('Quota of acme set.')).toBeVisible()
  await expect(panel(page, 'Teams')).toContainText('Quota set by an operator')

  const hers = await pageOf(browser, slipway.url, MILA)
  await hers.goto('/acme/settings/quota')
  await expect(panel(hers, 'The team’s quota')).toContainText('Set by an operator.')
  await expect(hers.getByRole('button', { name: 'Set quota' })).toHaveCount(0)
  await expect(hers.getByRole('button', { name: 'Allocate to shop production' })).toBeVisible()
  await expect(hers.getByRole('link', { name: 'Installation' })).toHaveCount(0)
  await page.getByRole('button', { name: /Hand back to the team/ }).click()
  await expect(page.getByText('The admins of acme can set its quota again.')).toBeVisible()
  await hers.reload()
  await expect(hers.getByRole('button', { name: 'Set quota' })).toBeVisible()
  await hers.context().close()
})

test('operator (9): a deactivated account is signed out and cannot sign in, reactivated it can', async ({
  page,
  browser,
  slipway,
}) => {
  const hers = await pageOf(browser, slipway.url, MILA)
  await page.goto('/admin/accounts')
  await page.getByRole('searchbox', { name: 'Search accounts' }).fill('MILA')
  await expect(page.getByText('ada@example.com')).toHaveCount(0)
  await page.getByRole('button', { name: 'Deactivate mila@example.com' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Deactivate', exact: true }).click()
  await expect(panel(page, 'Accounts').getByText('Deactivated', { exact: true })).toBeVisible()
  await hers.goto('/acme')
  await hers.waitForURL('**/login**')
  await logIn(hers, MILA)
  await expect(alertOn(hers)).toContainText('This account is deactivated. Ask an operator of this installation.')
  await page.getByRole('button', { name: 'Reactivate mila@example.com' }).click()
  await expect(page.getByRole('button', { name: 'Deactivate mila@example.com' })).toBeVisible()
  await logIn(hers, MILA)
  await expect(hers.getByRole('button', { name: 'Account menu' })).toBeVisible()
  await hers.context().close()
})

test('operator (9): builds of all teams are cancelled, and the audit says who did what', async ({ page, slipway }) => {
  const files = { Procfile: 'web: node index.js', 'index.js': '', 'package.json': '{"scripts":{"build":"sleep 600"}}' }
  const repository = await slipway.newApp('slow', files)
  // A push waits for its build, and this one ends by being cancelled.
  const push = slipway.release('slow', repository)
  await page.goto('/admin/builds')
  await page.getByRole('button', { name: 'Cancel build 1 of acme/shop/production/slow' }).click()
  await expect(page.getByText('Nothing is being built')).toBeVisible({ timeout: 60_000 })
  expect((await slipway.api.build.get.query({ ...refOf('slow'), build: 1 })).status).toBe('cancelled')
  expect((await push).code).not.toBe(0)
  await page.goto('/admin/settings')
  await expect(panel(page, 'Audit')).toContainText('Cancelled build 1 of acme/shop/production/slow.')
  await expect(panel(page, 'Audit')).toContainText('Deactivated mila@example.com.')
  repository.remove()
  await slipway.clear()
})
