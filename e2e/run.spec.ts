import { expect } from '@playwright/test'
import { GREETER } from './support/apps.ts'
import { pathOf, test } from './support/fixtures.ts'
import { expectAccessible, expectNarrow, panel } from './support/pages.ts'

test.afterAll(async ({ slipway }) => slipway.clear())

test('a command runs on the page: its output, its exit code, and Stop', async ({ page, slipway }) => {
  const repository = await slipway.deploy('tools', GREETER)
  repository.remove()
  await page.goto(pathOf('tools', 'processes'))
  const run = panel(page, 'Run a command')
  await run.getByRole('textbox', { name: 'Command' }).fill('echo "cwd: $(pwd)"; ls; exit 3')
  await run.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(run.getByText('Ended with exit code 3.')).toBeVisible()
  await expect(run.getByText('server.js')).toBeVisible()
  await expectAccessible(page, 'run')
  await expectNarrow(page, 'run')

  await run.getByRole('textbox', { name: 'Command' }).fill('echo begun; sleep 600')
  await run.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(run.getByText('begun', { exact: true })).toBeVisible()
  await run.getByRole('button', { name: 'Stop' }).click()
  await expect(run.getByText('It was stopped.')).toBeVisible()
  await page.goto('/acme/settings/audit')
  await expect(page.getByText('Ran “/bin/sh -c echo begun; sleep 600” with v1.')).toBeVisible()
})
