import { expect, type Page } from '@playwright/test'
import { CRASHES, FAILS_TO_BUILD, GREETER, NEEDS_DATABASE, WITH_WORKER } from './support/apps.ts'
import { pathOf, refOf, test } from './support/fixtures.ts'
import { panel } from './support/pages.ts'

const health = (page: Page) => page.getByRole('region', { name: 'Health' })
const why = (page: Page) => page.getByRole('region', { name: "Why isn't it live?" })

test.afterAll(({ slipway }) => slipway.clear())

test('18 Repair: the variable that the log names is one button away, and setting it makes the app live', async ({
  page,
  slipway,
}) => {
  const repository = await slipway.newApp('lacking', NEEDS_DATABASE)
  expect(await slipway.release('lacking', repository)).toMatchObject({ code: 0 })
  repository.remove()
  await page.goto(pathOf('lacking'))
  await expect(health(page)).toContainText('exits with code 7')
  await why(page).getByRole('link', { name: 'Set DATABASE_URL' }).click()
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('DATABASE_URL')
  await page.getByLabel('Value', { exact: true }).fill('postgres://db/app')
  await page.getByRole('button', { name: 'Stage', exact: true }).click()
  await page.getByRole('button', { name: 'Apply 1 change' }).click()
  await page.getByRole('link', { name: 'Overview' }).click()
  await expect(health(page)).toContainText('Running v2 on 1 of 1 instance.')
  await expect(why(page)).toHaveCount(0)
})

test('18 Repair: a crash rolls back from the card, after its dialog; 14: per process what still serves; 15: said once', async ({
  page,
  slipway,
}) => {
  const repository = await slipway.deploy('halfway', WITH_WORKER)
  repository.write({ ...CRASHES, Procfile: WITH_WORKER.Procfile ?? '' })
  await repository.commit('Forget the database')
  expect(await slipway.release('halfway', repository)).toMatchObject({ code: 0 })
  repository.remove()
  await page.goto(pathOf('halfway'))
  await expect(health(page)).toContainText(/exits with code 7.* Meanwhile web still serves v1, worker runs v2\./)
  const processes = panel(page, 'Processes')
  await expect(processes).toContainText(/web\s*Crashing\s*0 of 1 ready, 1 of v1 still runs/)
  await expect(processes).toContainText(/worker\s*Running\s*1 of 1 ready/)
  await expect(page.getByText(/exits with code 7/)).toHaveCount(1)
  await expect(page.getByText('CrashLoopBackOff')).toHaveCount(0)

  await why(page).getByRole('button', { name: 'Roll back to v1' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(dialog).toHaveCount(0)
  await why(page).getByRole('button', { name: 'Roll back to v1' }).click()
  await dialog.getByRole('button', { name: 'Roll back to v1' }).click()
  await expect(health(page)).toContainText('Running v3 on 2 of 2 instances.')
  await page.getByRole('link', { name: 'Releases', exact: true }).click()
  const status = (release: string, word: string) =>
    expect(page.getByRole('listitem').filter({ hasText: new RegExp(`^${release}\\D`) })).toContainText(word)
  await status('v3', 'Live')
  await status('v2', 'Failed')
  await status('v1', 'Replaced')
})

test('18 Repair: a failed build is tried again from the card', async ({ page, slipway }) => {
  const repository = await slipway.newApp('unbuilt', FAILS_TO_BUILD)
  expect((await slipway.push('unbuilt', repository)).code).not.toBe(0)
  repository.remove()
  await page.goto(pathOf('unbuilt'))
  await expect(page.getByRole('heading', { level: 1 }).locator('..')).toContainText('Build failed')
  await expect(page.getByText(/^The build script failed: npm run build ended with code 2/)).toHaveCount(1)
  await why(page).getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { name: /^Build #2/ })).toBeVisible()
})

test('18 restart: new instances of the same release, without a release', async ({ page, slipway }) => {
  const repository = await slipway.deploy('again', GREETER)
  repository.remove()
  const names = async () => (await slipway.api.app.get.query(refOf('again'))).instanceList.map(({ name }) => name)
  const before = await names()
  await page.goto(pathOf('again'))
  await page.getByRole('button', { name: 'Restart web', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Restart web' }).click()
  await expect
    .poll(async () => (await names()).filter((name) => before.includes(name)), { timeout: 90_000 })
    .toEqual([])
  await expect(health(page)).toContainText('Running v1 on 1 of 1 instance.')
  const [instance = ''] = await names()
  await page.getByRole('button', { name: `Restart ${instance}` }).click()
  await expect(page.getByRole('dialog')).toContainText('No other instance of web is ready')
  await page.getByRole('dialog').getByRole('button', { name: 'Restart instance' }).click()
  await expect.poll(names, { timeout: 90_000 }).not.toContain(instance)
  await expect(health(page)).toContainText('Running v1 on 1 of 1 instance.')
  expect((await slipway.api.app.get.query(refOf('again'))).currentRelease).toBe(1)
})

test('15 Steps: a config release shows no build', async ({ page, slipway }) => {
  const repository = await slipway.deploy('configured', GREETER)
  repository.remove()
  await page.goto(pathOf('configured'))
  await slipway.api.config.update.mutate({ ...refOf('configured'), set: { GREETING: 'Ada' }, unset: [] })
  const steps = page.getByRole('list', { name: 'Steps of the deploy' })
  await expect(steps).toContainText('Release v2')
  await expect(steps).not.toContainText('Build')
  await expect(health(page)).toContainText('Running v2')
  await expect(steps).toHaveCount(0)
})
