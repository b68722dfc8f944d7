import { expect, type Page } from '@playwright/test'
import { BAD_COMMAND, CRASHES, GREETER, NEVER_LISTENS, WORKER_ONLY } from './support/apps.ts'
import { pathOf, refOf, type Slipway, test } from './support/fixtures.ts'

const health = (page: Page) => page.getByRole('region', { name: 'Health' })
const why = (page: Page) => page.getByRole('region', { name: "Why isn't it live?" })
const lastLines = (page: Page) => why(page).getByRole('region', { name: 'Last log lines' })

async function pushed(slipway: Slipway, app: string, files: Readonly<Record<string, string>>): Promise<void> {
  const repository = await slipway.newApp(app, files)
  expect(await slipway.release(app, repository)).toMatchObject({ code: 0 })
  repository.remove()
}

// It is known only after its start timeout: it begins first and is looked at last.
test.beforeAll(async ({ slipway }) => {
  const repository = await slipway.newApp('deaf', NEVER_LISTENS)
  await slipway.api.app.updateSettings.mutate({ ...refOf('deaf'), settings: { startTimeout: 30 } })
  expect(await slipway.release('deaf', repository)).toMatchObject({ code: 0 })
  repository.remove()
})

test.afterAll(({ slipway }) => slipway.clear())

test('a crash loop: the exit code, the last lines, and what served before still does', async ({ page, slipway }) => {
  const repository = await slipway.deploy('crashing', GREETER)
  await page.goto(pathOf('crashing'))
  await expect(health(page)).toContainText('Running v1')
  repository.write(CRASHES)
  await repository.commit('Forget the database')
  const { code, output } = await slipway.push('crashing', repository)
  expect(code).not.toBe(0)
  expect(output).toContain('exits with code 7')
  expect(output).toContain('Error: DATABASE_URL is not set')
  expect(output).toContain('(v2 did not start)')
  await expect(health(page)).toContainText(/v2 is failing: the web process exits with code 7.* v1 still serves\./)
  await expect(lastLines(page)).toContainText('Error: DATABASE_URL is not set')
  await expect(why(page)).toContainText('fix it and deploy again, or roll back')
  expect((await slipway.fetch('crashing')).status).toBe(200)
  await why(page).getByRole('link', { name: 'Open the log' }).click()
  await expect(page.getByRole('log')).toContainText('Error: DATABASE_URL is not set')
  await page.goto('/')
  await expect(page.getByRole('row', { name: /^crashing / })).toContainText('Crashing')
  repository.remove()
})

test('a bad command: it was not found, and where to look', async ({ page, slipway }) => {
  await pushed(slipway, 'commandless', BAD_COMMAND)
  await page.goto(pathOf('commandless'))
  await expect(health(page)).toContainText('cannot start: its command was not found (exit code 127)')
  await expect(lastLines(page)).toContainText(/bin\/serve.*not found/)
  await expect(why(page)).toContainText('Check the command of the process')
})

test('an app that never listens on PORT', async ({ page }) => {
  await page.goto(pathOf('deaf'))
  const cause = 'does not accept connections on PORT 8080 within 30 s: it must listen on 0.0.0.0:$PORT'
  await expect(health(page)).toContainText(cause, { timeout: 60_000 })
  await expect(lastLines(page)).toContainText('ready for work')
  await expect(why(page)).toContainText('listen on 0.0.0.0 and the port that the environment variable PORT names')
})

test('an app without a web process: its page offers no address, and nothing of Slipway answers at its host', async ({
  page,
  slipway,
}) => {
  await pushed(slipway, 'beats', WORKER_ONLY)
  await page.goto(pathOf('beats'))
  await expect(health(page)).toContainText('Running v1 on 1 of 1 instance.')
  await expect(page.getByText('No web process; nothing answers at an address.')).toBeVisible()
  await expect(page.getByRole('link', { name: 'Open app' })).toHaveCount(0)
  const answer = await page.goto(slipway.addressOf('beats'))
  expect(answer?.status()).toBe(404)
  await expect(page.getByRole('heading', { name: 'There is no app at this address' })).toBeVisible()
})
