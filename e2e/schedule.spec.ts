import { expect } from '@playwright/test'
import { GREETER } from './support/apps.ts'
import { pathOf, test } from './support/fixtures.ts'
import { expectAccessible, expectNarrow, panel } from './support/pages.ts'

test.afterAll(async ({ slipway }) => slipway.clear())

test('a schedule is written on the page, followed at once, and shown with what comes next', async ({
  page,
  slipway,
}) => {
  const repository = await slipway.deploy('clock', GREETER)
  repository.remove()
  await page.goto(pathOf('clock', 'processes'))
  const processes = panel(page, 'Processes')
  await expect(processes.getByText('Scaled by hand: 1 instance until somebody changes it.')).toBeVisible()
  await processes.getByRole('button', { name: 'Schedule of web' }).click()
  const dialog = page.getByRole('dialog', { name: 'Schedule of web' })
  await dialog.getByRole('button', { name: 'More on work days, 8:00 to 20:00' }).click()
  await expect(dialog.getByRole('textbox', { name: 'Cron expression' })).toHaveCount(2)
  await dialog.getByRole('button', { name: 'Remove rule 2' }).click()

  const cron = dialog.getByRole('textbox', { name: 'Cron expression' })
  await cron.fill('at eight')
  await expect(dialog.getByText('“at eight” is not a cron expression.')).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Save' })).toBeDisabled()
  await cron.fill('0 8 * * *')
  await dialog.getByRole('combobox', { name: 'Time zone' }).fill('Europe/Berlin')
  await dialog.getByRole('spinbutton', { name: 'Instances of rule 1' }).fill('2')
  await expect(dialog.getByText(/^Scaled by schedule: 2 instances since/)).toBeVisible()
  await expectAccessible(page, 'schedule dialog')
  await dialog.getByRole('button', { name: 'Save' }).click()

  await expect(dialog).toBeHidden()
  await expect(processes.getByText(/^Scaled by schedule: 2 instances since .*08:00 \(Europe\/Berlin\)/)).toBeVisible()
  await expect(processes.getByText('2 of 2 ready')).toBeVisible()
  await expectAccessible(page, 'scheduled')
  await expectNarrow(page, 'scheduled')
  await page.goto('/acme/settings/audit')
  await expect(page.getByText('Scaled by schedule (0 8 * * *, Europe/Berlin) web: 1 → 2 instances.')).toBeVisible()
})
