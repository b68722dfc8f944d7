import { expect, type Page } from '@playwright/test'
import { untilHealthy } from './support/api.ts'
import { GREETER } from './support/apps.ts'
import { pathOf, refOf, type Slipway, test } from './support/fixtures.ts'
import { until } from './support/installation.ts'
import { alertOn, panel } from './support/pages.ts'

// A team of its own: limits concern all apps of a team.
const NARROW = { team: 'narrow', project: 'site', environment: 'production' } as const
const APP = refOf('tight', NARROW)
test.describe.configure({ mode: 'serial' })

test.beforeAll(async ({ slipway }) => {
  await slipway.api.team.create.mutate({ team: NARROW.team, name: 'Narrow' })
  await slipway.api.project.create.mutate({ team: NARROW.team, project: NARROW.project, name: 'Site' })
  const repository = await slipway.deploy(APP.app, GREETER, NARROW)
  repository.remove()
  await slipway.api.app.scale.mutate({ ...APP, processes: [{ name: 'web', cpuMillis: 250, memoryMiB: 256 }] })
  await untilHealthy(slipway.api, APP)
  await until('the one instance of the old size to end', async () => {
    const { instanceList } = await slipway.api.app.get.query(APP)
    return instanceList.length === 1 && instanceList[0]?.ready
  })
})

test.afterAll(({ slipway }) => slipway.clear())

test('an admin sets the quota and allots it; used, reserved and left are shown', async ({ page }) => {
  await page.goto('/narrow/settings/quota')
  const team = panel(page, 'The team’s quota')
  await expect(team).toContainText('no limit')
  await team.getByRole('button', { name: 'Set quota' }).click()
  await setLimits(page, { cpu: '2000', memory: '2048', instances: '8' })
  await expect(team.getByRole('meter', { name: 'CPU of the team' })).toHaveAttribute(
    'aria-valuetext',
    '250m CPU reserved of 2000m CPU; 250m CPU in use',
  )
  await expect(team).toContainText('1.75 cores left')

  const environments = panel(page, 'Environments')
  await environments.getByRole('button', { name: 'Allot to site production' }).click()
  await setLimits(page, { cpu: '3000', memory: '1024', instances: '4' })
  await expect(alertOn(page)).toContainText(/3000m CPU/)
  await setLimits(page, { cpu: '750', memory: '1024', instances: '4' })
  const cpu = environments.getByRole('meter', { name: 'CPU of site production' })
  await expect(cpu).toHaveAttribute('aria-valuetext', '250m CPU reserved of 750m CPU; 250m CPU in use')
  await expect(environments).toContainText('500m left')
  await expect(environments).toContainText('768 MiB left')
  await expect(environments).toContainText('3 left')
  await expect(team).toContainText('CPU 750m of 2 cores')
})

test('a scale that does not fit is refused with the numbers, and nothing changes', async ({ page, slipway }) => {
  await page.goto(pathOf(APP.app, 'processes', NARROW))
  const before = await slipway.api.app.get.query(APP)
  await page.getByRole('spinbutton', { name: 'Instances of web' }).fill('4')
  await expect(page.getByRole('status').filter({ hasText: 'web 1 → 4' })).toContainText(
    'It will not fit this environment: needs 750m CPU more, 500m CPU left.',
  )
  await page.getByRole('button', { name: 'Apply' }).click()
  await expect(alertOn(page)).toContainText('It does not fit the quota')
  await expect(alertOn(page)).toContainText('750m CPU')
  await expect(alertOn(page)).toContainText('500m CPU left of 750m CPU')
  await expect(page.getByText('1 of 1 ready')).toBeVisible()
  await expectUnchanged(slipway, before)
})

test('a deploy whose surge does not fit is refused too; one that fits goes through', async ({ page, slipway }) => {
  await page.goto(pathOf(APP.app, 'processes', NARROW))
  await page.getByRole('spinbutton', { name: 'Instances of web' }).fill('3')
  await page.getByRole('button', { name: 'Apply' }).click()
  await expect(page.getByText('3 of 3 ready')).toBeVisible()
  const before = await slipway.api.app.get.query(APP)

  await page.getByRole('link', { name: 'Config', exact: true }).click()
  await page.getByLabel('Name', { exact: true }).fill('GREETING')
  await page.getByLabel('Value', { exact: true }).fill('Ada')
  await page.getByRole('button', { name: 'Stage', exact: true }).click()
  await page.getByRole('button', { name: 'Apply 1 change' }).click()
  await expect(alertOn(page)).toContainText('It does not fit the quota')
  await expect(alertOn(page)).toContainText('0m CPU left of 750m CPU')
  await expectUnchanged(slipway, before)
  expect(await slipway.api.config.list.query(APP)).toEqual([])

  await slipway.api.quota.allocate.mutate({
    ...NARROW,
    limits: { cpuMillis: 1000, memoryMiB: 1024, instances: 4 },
  })
  await page.getByRole('button', { name: 'Apply 1 change' }).click()
  await expect(page.getByText('v2 rolls out with the new config.')).toBeVisible()
  await page.getByRole('link', { name: 'Overview' }).click()
  await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v2 on 3 of 3 instances.')
})

async function setLimits(page: Page, limits: { cpu: string; memory: string; instances: string }): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('CPU (millicores)').fill(limits.cpu)
  await dialog.getByLabel('Memory (MiB)').fill(limits.memory)
  await dialog.getByLabel('Instances').fill(limits.instances)
  await dialog.getByRole('button', { name: 'Save' }).last().click()
}

async function expectUnchanged(
  slipway: Slipway,
  before: { currentRelease: number | null; processes: unknown },
): Promise<void> {
  const { currentRelease, processes } = await slipway.api.app.get.query(APP)
  expect({ currentRelease, processes }).toEqual({ currentRelease: before.currentRelease, processes: before.processes })
}
