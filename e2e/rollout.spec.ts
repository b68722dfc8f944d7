import { expect } from '@playwright/test'
import { startLoad } from './support/api.ts'
import { GREETER } from './support/apps.ts'
import { pathOf, refOf, test } from './support/fixtures.ts'
import { panel } from './support/pages.ts'

test.afterAll(({ slipway }) => slipway.clear())

test('a config change rolls out under constant load without one failed request', async ({ page, slipway }) => {
  const repository = await slipway.deploy('steady', GREETER)
  await slipway.api.app.scale.mutate({ ...refOf('steady'), processes: [{ name: 'web', instances: 2 }] })
  await page.goto(pathOf('steady'))
  await expect(panel(page, 'Processes')).toContainText('2 of 2 ready')

  const load = startLoad(slipway.addressOf('steady'))
  await page.getByRole('link', { name: 'Config', exact: true }).click()
  await page.getByLabel('Name', { exact: true }).fill('GREETING')
  await page.getByLabel('Value', { exact: true }).fill('Ada')
  await page.getByRole('button', { name: 'Stage', exact: true }).click()
  await page.getByRole('button', { name: 'Apply 1 change' }).click()
  await page.getByRole('link', { name: 'Overview' }).click()
  await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v2 on 2 of 2 instances.')
  // Until the last instance of v1 has gone: its end is part of the rollout.
  const cells = panel(page, 'Processes').getByRole('cell')
  await expect(cells.filter({ hasText: /\bv1$/ })).toHaveCount(0)
  await expect(cells.filter({ hasText: /\bv2$/ })).toHaveCount(2)
  const { requests, failures, greetings } = await load.stop()
  expect(failures).toEqual([])
  expect(greetings.nobody).toBeGreaterThan(0)
  expect(greetings.Ada).toBeGreaterThan(0)
  expect(Object.keys(greetings).sort()).toEqual(['Ada', 'nobody'])
  expect(requests).toBeGreaterThan(20)
  repository.remove()
})
