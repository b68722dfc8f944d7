import { expect, type Page } from '@playwright/test'
import { WITH_WORKER } from './support/apps.ts'
import { pathOf, refOf, type Slipway, test } from './support/fixtures.ts'
import { alertOn, markDocument, panel, releaseLine } from './support/pages.ts'

// One app, looked at from all sides.
test.describe.configure({ mode: 'serial' })

test.beforeAll(async ({ slipway }) => {
  const repository = await slipway.deploy('live', WITH_WORKER)
  repository.remove()
})

test.afterAll(({ slipway }) => slipway.clear())

test('instances: process, state, restarts, release; a crash shows without a reload', async ({ page, slipway }) => {
  await page.goto(pathOf('live'))
  const document = await markDocument(page)
  const row = (process: string) =>
    panel(page, 'Processes')
      .getByRole('region', { name: `Instances of ${process}` })
      .getByRole('row')
      .nth(1)
  await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v1 on 2 of 2 instances.')
  await expect(row('web')).toContainText('Running')
  await expect(row('web').getByRole('cell').nth(2)).toHaveText(/v1$/)
  await expect(row('web').getByRole('cell').nth(3)).toHaveText(/\b0$/)
  await expect(row('web').getByRole('cell').nth(4)).toHaveText(/\d+ ?[smh]/)
  await expect(row('worker')).toContainText('Running')
  await slipway.fetch('live', '/exit')
  await expect(row('web').getByRole('cell').nth(3)).toHaveText(/\b1$/)
  await expect(panel(page, 'Processes').getByText('1 of 1 ready')).toHaveCount(2)
  await document.expectSame()
})

test('logs: all processes merged, followed, paused, searched, filtered', async ({ page, slipway }) => {
  await page.goto(pathOf('live', 'logs'))
  const log = page.getByRole('log', { name: 'Log of live' })
  await expect(log).toContainText('worker beat')
  await say(slipway, 'the first needle')
  await expect(log).toContainText('the first needle')
  await slipway.fetch('live', '/lines/300')
  await expect(log).toContainText('line 300')

  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByRole('button', { name: 'Jump to newest' })).toBeVisible()
  const place = () => log.evaluate((element) => element.scrollTop)
  const [linesBefore, placeBefore] = [await countOf(page), await place()]
  await say(slipway, 'the second needle')
  await expect.poll(() => countOf(page)).toBeGreaterThan(linesBefore)
  expect(await place()).toBe(placeBefore)
  await page.getByRole('button', { name: 'Follow' }).click()
  await expect(log).toContainText('the second needle')

  const search = page.getByRole('searchbox', { name: 'Search in the log' })
  await search.fill('needle')
  await expect(page.getByRole('search').getByRole('status')).toHaveText(/^2 matches$/)
  await search.press('Enter')
  await expect(page.getByRole('search').getByRole('status')).toHaveText(/^2 of 2 matches$/)
  await search.press('Enter')
  await expect(page.getByRole('search').getByRole('status')).toHaveText(/^1 of 2 matches$/)
  await expect(log).toContainText('the first needle')
  await page.getByRole('button', { name: 'Only matches' }).click()
  await expect(log).not.toContainText('line 300')
  await expect(log).toContainText('the first needle')
  await expect(log).toContainText('the second needle')
  await expect(page).toHaveURL(/q=needle/)

  // Every letter counts, however fast they come.
  await search.fill('')
  await search.pressSequentially('the second needle', { delay: 5 })
  await expect(search).toHaveValue('the second needle')
  await expect(page).toHaveURL(/q=the\+second\+needle/)

  await search.fill('')
  await page.getByRole('combobox', { name: 'Process' }).click()
  await page.getByRole('option', { name: 'worker' }).click()
  await expect(log).toContainText('worker beat')
  await expect(log).not.toContainText('line 300')
})

test('logs: escapes, progress bars and long lines are shown as a terminal would', async ({ page, slipway }) => {
  await page.goto(pathOf('live', 'logs'))
  const log = page.getByRole('log', { name: 'Log of live' })
  await expect(log).toContainText('worker beat')
  await page.getByRole('button', { name: 'Pause' }).click()
  for (const text of [
    '\u001b[31mred\u001b[0m and\u001b[2J plain',
    '\rstep 10%\rstep 100%',
    '<script>alert(1)</script>',
  ])
    await say(slipway, text)
  await slipway.fetch('live', '/long/40000')
  const search = page.getByRole('searchbox', { name: 'Search in the log' })
  const found = async (text: string) => {
    await search.fill(text)
    await expect(page.getByRole('search').getByRole('status')).toHaveText(/^1 match/)
    await search.press('Enter')
    const row = log.locator('[data-index]').filter({ hasText: text })
    await expect(row).toBeVisible()
    return row
  }
  const red = await found('red and plain')
  await expect(red.getByText('red', { exact: true }).first()).toHaveCSS('color', /rgb/)
  await expect(await found('step 100%')).not.toContainText('10%\r')
  await expect(await found('<script>alert(1)</script>')).toBeVisible()
  const long = await found('START')
  await expect(long).toContainText('line cut')
  const time = long.getByRole('time')
  const left = (await time.boundingBox())?.x
  await log.evaluate((element) => element.scrollTo({ left: 2_000 }))
  await expect.poll(() => log.evaluate((element) => element.scrollLeft)).toBe(2_000)
  expect((await time.boundingBox())?.x).toBe(left)
})

test('logs: a time is jumped to, by a line or by the clock, and the way back is one click', async ({
  page,
  slipway,
}) => {
  await say(slipway, 'the moment')
  await slipway.fetch('live', '/lines/100')
  await page.goto(pathOf('live', 'logs?process=web'))
  const log = page.getByRole('log', { name: 'Log of live' })
  await expect(log).toContainText('line 100')
  await page.getByRole('searchbox', { name: 'Search in the log' }).fill('the moment')
  await page.getByRole('searchbox', { name: 'Search in the log' }).press('Enter')
  await log.locator('[data-index]').filter({ hasText: 'the moment' }).getByRole('link').click()
  await expect(page).toHaveURL(/from=/)
  await expect(log.locator('[data-index]').first()).toContainText('the moment')
  await page.reload()
  await expect(log.locator('[data-index]').first()).toContainText('the moment')
  await page.getByRole('button', { name: 'Back to now' }).click()
  await expect(log).toContainText('line 100')
  await page.getByRole('button', { name: 'Jump to a time' }).click()
  await page.getByRole('button', { name: '1 h ago' }).click()
  await expect(log.locator('[data-index]').first()).toContainText('greeter listens')
})

test('config: masked, revealed on a click, staged, applied as one release', async ({ page, slipway }) => {
  await page.goto(pathOf('live', 'config'))
  await expect(page.getByText('No config vars yet')).toBeVisible()
  await stage(page, 'PORT', '1')
  await expect(alertOn(page)).toHaveText('Slipway sets PORT itself.')
  await stage(page, 'GREETING', 'Grace')
  await stage(page, 'DATABASE_URL', 'postgres://secret@db')
  const staged = page.getByRole('region', { name: 'Staged changes' })
  await expect(staged).toContainText('Creates one new release and rolls it out without downtime.')
  await expect(staged).not.toContainText('postgres://secret@db')
  await staged.getByRole('button', { name: 'Show the values' }).click()
  await expect(staged).toContainText('postgres://secret@db')
  await staged.getByRole('button', { name: 'Apply 2 changes' }).click()
  await expect(page.getByText('v2 is rolling out with the new config.')).toBeVisible()

  const variable = page.getByRole('listitem').filter({ hasText: 'DATABASE_URL' })
  await expect(variable.getByRole('img', { name: 'hidden value' })).toBeVisible()
  expect(await page.content()).not.toContain('postgres://secret@db')
  await variable.getByRole('button', { name: 'Reveal DATABASE_URL' }).click()
  await expect(variable).toContainText('postgres://secret@db')
  await variable.getByRole('button', { name: 'Hide DATABASE_URL' }).click()
  await expect(variable).not.toContainText('postgres://secret@db')

  const greeting = page.getByRole('listitem').filter({ hasText: 'GREETING' }).first()
  await greeting.getByRole('button', { name: 'Edit GREETING' }).click()
  await page.getByLabel('Value of GREETING').fill('Katherine')
  await greeting.getByRole('button', { name: 'Stage', exact: true }).click()
  await expect(greeting).toContainText('will change')
  await variable.getByRole('button', { name: 'Remove DATABASE_URL' }).click()
  await expect(variable.first()).toContainText('will be removed')
  // Another tab and back: nothing is lost, and old stands beside new.
  await page.getByRole('link', { name: 'Processes' }).click()
  await expect(page.getByRole('spinbutton', { name: 'Instances of web' })).toBeVisible()
  await page.getByRole('link', { name: 'Config' }).click()
  await staged.getByRole('button', { name: 'Show the values' }).click()
  await expect(staged.getByRole('listitem').filter({ hasText: 'GREETING' })).toContainText(/Grace.*Katherine/)
  await expect(staged.getByRole('listitem').filter({ hasText: 'DATABASE_URL' })).toContainText('postgres://secret@db')
  await staged.getByRole('button', { name: 'Apply 2 changes' }).click()
  await expect(page.getByRole('listitem').filter({ hasText: 'DATABASE_URL' })).toHaveCount(0)
  await expect.poll(async () => (await slipway.fetch('live')).headers.greeting).toBe('Katherine')

  await page.getByRole('button', { name: 'Undo' }).last().click()
  await expect(page.getByText('Undone: v4 restores the config of v2.')).toBeVisible()
  await expect.poll(async () => (await slipway.fetch('live')).headers.greeting).toBe('Grace')
})

test('releases: number, what changed, who, when, status', async ({ page }) => {
  await page.goto(pathOf('live', 'releases'))
  const release = (number: number) => releaseLine(page, number)
  await expect(release(4)).toContainText('Live')
  await expect(release(3).getByRole('list', { name: 'Config changes' })).toHaveText(/changed GREETING/)
  await expect(release(3).getByRole('list', { name: 'Config changes' })).toHaveText(/removed DATABASE_URL/)
  await expect(release(2)).toContainText('Replaced')
  await expect(release(2).getByRole('list', { name: 'Config changes' })).toHaveText(/added GREETING/)
  await expect(release(1)).toContainText(/Deploy [0-9a-f]{7} from main/)
  await expect(release(1).getByRole('link', { name: 'build #1' })).toBeVisible()
  await expect(release(1).getByRole('time')).toBeVisible()
})

test('scale: takes effect at once and makes no release', async ({ page, slipway }) => {
  await page.goto(pathOf('live', 'processes'))
  const web = page.getByRole('spinbutton', { name: 'Instances of web' })
  // What cannot be applied stays as it was typed and says so.
  await web.fill('101')
  await expect(alertOn(page)).toHaveText('web takes 0 instances to 100 instances.')
  await expect(page.getByRole('button', { name: 'Apply' })).toBeDisabled()
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.getByRole('link', { name: 'Processes' }).click()
  await expect(web).toHaveValue('101')
  await web.fill('3')
  await expect(page.getByRole('status').filter({ hasText: 'web 1 → 3' })).toContainText('+2 instances')
  await page.getByRole('button', { name: 'Apply' }).click()
  await expect(page.getByRole('listitem').filter({ hasText: 'node server.js' })).toContainText('3 of 3 ready')
  await page.getByRole('link', { name: 'Overview' }).click()
  const instances = panel(page, 'Processes').getByRole('region', { name: 'Instances of web' })
  await expect(instances.getByRole('row').filter({ hasText: 'v4' })).toHaveCount(3)
  await expect(panel(page, 'Processes')).toContainText('3 of 3 ready')
  await page.getByRole('link', { name: 'Processes' }).click()
  await web.fill('0')
  await page.getByRole('button', { name: 'Apply' }).click()
  await page.getByRole('link', { name: 'Overview' }).click()
  await expect(instances).toHaveCount(0)
  await expect(panel(page, 'Processes')).toContainText('Scaled to 0')
  expect((await slipway.api.app.get.query(refOf('live'))).currentRelease).toBe(4)
})

const say = (slipway: Slipway, text: string) => slipway.fetch('live', `/log/${encodeURIComponent(text)}`)

async function countOf(page: Page): Promise<number> {
  const text = await page.getByText(/^[\d,]+ lines/).textContent()
  return Number.parseInt(text?.replace(',', '') ?? '', 10)
}

async function stage(page: Page, name: string, value: string): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Value', { exact: true }).fill(value)
  await page.getByRole('button', { name: 'Stage', exact: true }).click()
}
