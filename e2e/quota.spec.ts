import { expect, type Page } from '@playwright/test'
import type { AppView } from '@slipway/domain'
import { untilHealthy } from './support/api.ts'
import { GREETER } from './support/apps.ts'
import { pathOf, refOf, type Slipway, test } from './support/fixtures.ts'
import { until } from './support/installation.ts'
import { alertOn, panel } from './support/pages.ts'

// A team of its own: limits concern all apps of a team.
const NARROW = { team: 'narrow', project: 'site', environment: 'production' } as const
const APP = refOf('tight', NARROW)
test.describe.configure({ mode: 'serial', timeout: 300_000 })

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

test('quota (13): an admin sets and allocates it; reserved, used and free stand in one bar', async ({ page }) => {
  await page.goto('/narrow/settings/quota')
  const team = panel(page, 'The team’s quota')
  // Nothing is set yet: what binds is the cluster.
  await expect(team).toContainText(/free of .* in the cluster/)
  await expect(page.getByText('no limit')).toHaveCount(0)
  await team.getByRole('button', { name: 'Set quota' }).click()
  await fillLimits(page, { cpu: '100', memory: '2048', instances: '8' })
  await expect(alertOn(page)).toContainText('The team already holds more than this: 250m CPU, limit 100.')
  await expect(page.getByRole('button', { name: 'Save' }).last()).toBeDisabled()
  await setLimits(page, { cpu: '2000', memory: '2048', instances: '8' })
  await expect(team.getByRole('meter', { name: 'CPU of the team' })).toHaveAttribute(
    'aria-valuetext',
    /^250m CPU reserved; \d+m CPU used; 1750m CPU free of 2000m CPU$/,
  )
  await expect(team).toContainText('1.75 cores free of 2 cores of the team')
  await expect(team.getByRole('list', { name: 'Legend' })).toContainText('Used, measured')

  const environments = panel(page, 'Environments')
  await environments.getByRole('button', { name: 'Allocate to site production' }).click()
  await fillLimits(page, { cpu: '3000', memory: '1024', instances: '4' })
  await expect(alertOn(page)).toContainText("It needs 3000m CPU, 2000m CPU left of 2000m CPU in the team's quota.")
  await expect(page.getByRole('button', { name: 'Save' }).last()).toBeDisabled()
  await setLimits(page, { cpu: '750', memory: '1024', instances: '4' })
  const cpu = environments.getByRole('meter', { name: 'CPU of site production' })
  await expect(cpu).toHaveAttribute('aria-valuetext', /500m CPU free of 750m CPU$/)
  await expect(environments).toContainText('500m free of 750m allocated')
  await expect(environments).toContainText('768 MiB free of 1 GiB allocated')
  await expect(environments).toContainText('3 free of 4 allocated')
  await expect(team).toContainText('Allocated to environments: CPU 750m')
})

const NO_ROOM =
  'needs 750m CPU, 500m CPU left of 750m CPU in the allocation of site/production. Scale something down, or ask an admin of the team for more.'

test('quota (13): a scale that cannot fit says so before, Apply is off, and the refusal is the same', async ({
  page,
  slipway,
}) => {
  await page.goto(pathOf(APP.app, 'processes', NARROW))
  const before = await slipway.api.app.get.query(APP)
  await page.getByRole('spinbutton', { name: 'Instances of web' }).fill('4')
  await expect(alertOn(page)).toContainText(`This ${NO_ROOM}`)
  await expect(page.getByRole('button', { name: 'Apply' })).toBeDisabled()
  const scale = slipway.api.app.scale.mutate({ ...APP, processes: [{ name: 'web', instances: 4 }] })
  await expect(scale).rejects.toThrow(`Scaling web: 1 → 4 instances ${NO_ROOM}`)
  await page.getByRole('spinbutton', { name: 'Instances of web' }).fill('3')
  await expect(page.getByRole('button', { name: 'Apply' })).toBeEnabled()
  await page.getByRole('button', { name: 'Discard' }).click()
  await expect(page.getByText('1 of 1 ready')).toBeVisible()
  await expectUnchanged(slipway, before)
})

test('quota (13): a config change whose surge does not fit waits with Apply off; one that fits goes through', async ({
  page,
  slipway,
}) => {
  await page.goto(pathOf(APP.app, 'processes', NARROW))
  await page.getByRole('spinbutton', { name: 'Instances of web' }).fill('3')
  await page.getByRole('button', { name: 'Apply' }).click()
  await expect(page.getByText('3 of 3 ready')).toBeVisible({ timeout: 120_000 })
  const before = await slipway.api.app.get.query(APP)

  await page.getByRole('link', { name: 'Config', exact: true }).click()
  await page.getByLabel('Name', { exact: true }).fill('GREETING')
  await page.getByLabel('Value', { exact: true }).fill('Ada')
  await page.getByRole('button', { name: 'Stage', exact: true }).click()
  await expect(alertOn(page)).toContainText('This exceeds the quota')
  await expect(alertOn(page)).toContainText('needs 250m CPU, 0m CPU left of 750m CPU')
  await expect(page.getByRole('button', { name: 'Apply 1 change' })).toBeDisabled()
  await expectUnchanged(slipway, before)
  expect(await slipway.api.config.list.query(APP)).toEqual([])

  await slipway.api.quota.allocate.mutate({
    ...NARROW,
    limits: { cpuMillis: 1000, memoryMiB: 1024, instances: 4 },
  })
  await page.getByRole('button', { name: 'Apply 1 change' }).click()
  await expect(page.getByText('v2 is rolling out with the new config.')).toBeVisible()
  await page.getByRole('link', { name: 'Overview' }).click()
  await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v2 on 3 of 3 instances.', {
    timeout: 120_000,
  })
})

type TypedLimits = { cpu: string; memory: string; instances: string }

async function fillLimits(page: Page, limits: TypedLimits): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('CPU (millicores)').fill(limits.cpu)
  await dialog.getByLabel('Memory (MiB)').fill(limits.memory)
  await dialog.getByLabel('Instances').fill(limits.instances)
}

async function setLimits(page: Page, limits: TypedLimits): Promise<void> {
  await fillLimits(page, limits)
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).last().click()
}

async function expectUnchanged(slipway: Slipway, before: Pick<AppView, 'currentRelease' | 'processes'>): Promise<void> {
  expect(wantedOf(await slipway.api.app.get.query(APP))).toEqual(wantedOf(before))
}

/** What instances do goes on changing. */
const wantedOf = ({ currentRelease, processes }: Pick<AppView, 'currentRelease' | 'processes'>) => ({
  currentRelease,
  scales: processes.map(({ name, instances, cpuMillis, memoryMiB }) => ({ name, instances, cpuMillis, memoryMiB })),
})
