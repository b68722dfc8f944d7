import { expect, type Page } from '@playwright/test'
import { refOf, type Slipway, test } from './support/fixtures.ts'
import { expectAccessible, expectNarrow } from './support/pages.ts'

/** Beside those that fail, so that there are 300. */
const WAITING = 296
const FAILING = 4
/** An image that nobody has: each app of it fails for the same reason. */
const IMAGE = 'nobody/nothing:1'
const CREW = { team: 'acme', project: 'fleet', environment: 'production' } as const

test.describe.configure({ mode: 'serial' })

async function createApps({ api }: Slipway): Promise<void> {
  await api.project.create.mutate({ team: CREW.team, project: CREW.project, name: 'Fleet' })
  const create = (name: string, image?: string) =>
    api.app.create.mutate({ ...refOf(name, CREW), source: image ? { kind: 'image', image } : { kind: 'git' } })
  for (let n = 1; n <= FAILING; n++) await create(`broken-${n}`, IMAGE)
  for (let n = 1; n <= WAITING; n += 20) {
    await Promise.all(Array.from({ length: Math.min(20, WAITING - n + 1) }, (_, at) => create(`ship-${n + at}`)))
  }
}

test.beforeAll(async ({ slipway }) => {
  await createApps(slipway)
  const broken = async () =>
    (await slipway.api.app.list.query({ project: CREW.project })).filter(({ health }) => health.status === 'Degraded')
  await expect.poll(async () => (await broken()).length, { timeout: 60_000 }).toBe(FAILING)
})
test.afterAll(async ({ slipway }) => {
  await slipway.api.project.delete.mutate({ team: CREW.team, project: CREW.project, confirm: CREW.project })
  await expect.poll(async () => (await slipway.api.app.list.query({})).length, { timeout: 60_000 }).toBe(0)
})

/** Opens a page and waits until it is alive: what is typed before that is lost. */
async function open(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
}

const table = (page: Page) => page.getByRole('table', { name: 'Apps' })
const names = (page: Page) => table(page).locator('[data-app-link]')
const group = (page: Page, name: RegExp) => table(page).getByRole('button', { name })

test('20 Home with 300 apps: the rows are in the HTML that the server sends', async ({ browser, session, slipway }) => {
  const context = await browser.newContext({ baseURL: slipway.url, storageState: session, javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto('/')
  await expect(names(page)).toHaveCount(WAITING + FAILING)
  await expect(page.getByLabel('Loading apps')).toHaveCount(0)
  await page.getByRole('columnheader', { name: 'App' }).getByRole('link').click()
  await expect(names(page).first()).toHaveText(`broken-${FAILING}`)
  await page.goto('/?group=none&sort=-name&q=ship-29')
  await expect(names(page)).toHaveText([
    'ship-296',
    'ship-295',
    'ship-294',
    'ship-293',
    'ship-292',
    'ship-291',
    'ship-290',
    'ship-29',
  ])
  await context.close()
})

test('20 Home: live data takes over in the rows that the server sent', async ({ page, slipway }) => {
  await page.addInitScript(() => {
    document.addEventListener('DOMContentLoaded', () => {
      for (const link of document.querySelectorAll('[data-app-link]')) Object.assign(link, { fromServer: true })
    })
  })
  const fromServer = () =>
    page.evaluate(() => [...document.querySelectorAll('[data-app-link]')].filter((link) => 'fromServer' in link).length)
  await open(page, '/?group=none&q=ship-17')
  await expect(names(page)).toHaveCount(11)
  expect(await fromServer()).toBe(11)
  await slipway.api.release.deployImage.mutate({ ...refOf('ship-17', CREW), image: IMAGE })
  await expect(table(page).getByRole('row', { name: /^ship-17 / })).toContainText(/v1 Ada|Image/)
  expect(await fromServer()).toBe(11)
})

test('20 Home: apps that fail for one reason are one group with its sentence and count; a group folds', async ({
  page,
}) => {
  await open(page, '/')
  const cause = group(page, /cannot be pulled/)
  await expect(cause).toContainText(`${FAILING + 1} apps`)
  await expect(cause).toHaveAttribute('aria-expanded', 'true')
  await cause.click()
  await expect(names(page).filter({ hasText: 'broken' })).toHaveCount(0)
  await cause.click()
  await expect(names(page).first()).toHaveText('broken-1')
  const height = async () =>
    (
      await table(page)
        .getByRole('row', { name: /^ship-1 / })
        .boundingBox()
    )?.height
  expect(await height()).toBe(36)
  await page.getByRole('link', { name: /^Needs attention 5/ }).click()
  await expect(names(page)).toHaveCount(FAILING + 1)
  await expect(page).toHaveURL(/show=attention/)
  await page.getByRole('combobox', { name: 'Group apps' }).click()
  await page.getByRole('option', { name: 'Grouped by project' }).click()
  await expect(group(page, /Acme \/ fleet/)).toContainText(`${FAILING + 1} apps`)
})

test('20 Home: sorted by a click on a column, and the address keeps it', async ({ page }) => {
  await open(page, '/?group=none')
  const head = (name: string) => table(page).getByRole('columnheader', { name })
  await expect(head('App')).toHaveAttribute('aria-sort', 'ascending')
  await head('Deployed').getByRole('link').click()
  await expect(head('Deployed')).toHaveAttribute('aria-sort', 'descending')
  await expect(names(page).first()).toHaveText('ship-17')
  await expect(page).toHaveURL(/sort=-deployed/)
  await page.reload()
  await expect(names(page).first()).toHaveText('ship-17')
  await head('Status').getByRole('link').click()
  await expect(names(page).first()).toHaveText('broken-1')
})

test('20 Home: a filter is saved under a name, used on another device, and deleted with a way back', async ({
  page,
  browser,
  session,
  slipway,
}) => {
  await open(page, '/')
  const search = page.getByRole('searchbox', { name: 'Filter apps' })
  await search.pressSequentially('ship-29 fleet')
  await expect(names(page)).toHaveCount(8)
  await page.getByRole('button', { name: 'Save filter' }).click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('Enter a name.')).toBeVisible()
  await page.getByLabel('Name of the filter').fill('Late ships')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('link', { name: 'Late ships' })).toHaveAttribute('aria-current', 'page')

  const other = await (await browser.newContext({ baseURL: slipway.url, storageState: session })).newPage()
  await open(other, '/')
  await other.getByRole('link', { name: 'Late ships' }).click()
  await expect(names(other)).toHaveCount(8)
  await other.getByRole('button', { name: 'Delete filter' }).click()
  await expect(other.getByRole('link', { name: 'Late ships' })).toHaveCount(0)
  await other.getByRole('button', { name: 'Undo' }).click()
  await expect(other.getByRole('link', { name: 'Late ships' })).toBeVisible()
  await other.context().close()

  await search.fill('no such app')
  await expect(page.getByText('No app matches “no such app”')).toBeVisible()
  await page.getByRole('button', { name: /^Show all/ }).click()
  await expect(names(page)).toHaveCount(WAITING + FAILING)
})

test('20 Home: by keyboard: / filters, arrows and j and k walk, Enter opens', async ({ page }) => {
  await open(page, '/?group=none')
  await expect(names(page)).toHaveCount(WAITING + FAILING)
  const search = page.getByRole('searchbox', { name: 'Filter apps' })
  await page.keyboard.press('/')
  await expect(search).toBeFocused()
  await page.keyboard.type('broken')
  await expect(names(page)).toHaveCount(FAILING)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('j')
  await expect(names(page).nth(1)).toBeFocused()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('k')
  await expect(search).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/acme\/fleet\/production\/broken-1$/)
})

test('20 Home: axe finds nothing, and it fits a phone', async ({ page }) => {
  await open(page, '/?q=broken')
  await expect(names(page)).toHaveCount(FAILING)
  await expectAccessible(page, 'home')
  await expectNarrow(page, 'home')
  await page.setViewportSize({ width: 390, height: 800 })
  await expect(table(page).getByRole('row', { name: /^broken-1 / })).toContainText('fleet')
  await expectAccessible(page, 'home at 390 px')
})
