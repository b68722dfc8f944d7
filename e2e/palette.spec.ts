import { expect, type Page } from '@playwright/test'
import { apiWith } from './support/api.ts'
import { GREETER } from './support/apps.ts'
import { pathOf, refOf, type Slipway, test } from './support/fixtures.ts'
import { expectAccessible, logIn } from './support/pages.ts'

test.describe.configure({ mode: 'serial' })

const VIEWER = { email: 'vera@example.com', password: 'correct horse battery' }

async function inviteViewer({ url, api }: Slipway): Promise<void> {
  const { path } = await api.invitation.create.mutate({ team: 'acme', email: VIEWER.email, role: 'viewer' })
  const token = path.replace('/invite/', '')
  await apiWith(url).invitation.accept.mutate({ token, name: 'Vera Rubin', password: VIEWER.password })
}

test.beforeAll(async ({ slipway }) => {
  await inviteViewer(slipway)
  const repository = await slipway.deploy('hailer', GREETER)
  repository.remove()
})
test.afterAll(({ slipway }) => slipway.clear())

const palette = (page: Page) => page.getByRole('dialog', { name: 'Find a page or an action' })
const entry = (page: Page, name: string | RegExp) => palette(page).getByRole('option', { name })

/** A page that was just loaded on a busy machine may not listen to keys yet. */
async function openPalette(page: Page, typed = ''): Promise<void> {
  await expect(async () => {
    if (!(await palette(page).isVisible())) await page.keyboard.press('Control+k')
    await expect(palette(page)).toBeVisible({ timeout: 1_000 })
  }).toPass({ timeout: 30_000 })
  await palette(page).getByRole('combobox').fill(typed)
}

test('22 Palette: scale, restart and roll back of the app in view ask first and then do it', async ({
  page,
  slipway,
}) => {
  await page.goto(pathOf('hailer'))
  await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v1')
  await openPalette(page, 'roll back')
  await expect(entry(page, /^Roll back/)).toHaveAttribute('aria-disabled', 'true')
  await expect(entry(page, /^Roll back/)).toContainText('No earlier release was ever live.')
  await expectAccessible(page, 'palette')
  await palette(page).getByRole('combobox').fill('scale web')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Scale web' })
  await dialog.getByRole('spinbutton').fill('101')
  await expect(dialog.getByRole('alert')).toHaveText('web takes 0 instances to 100 instances.')
  await dialog.getByRole('spinbutton').fill('2')
  await page.keyboard.press('Enter')
  await expect(dialog).toHaveCount(0)
  await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v1 on 2 of 2 instances.')

  await slipway.api.config.update.mutate({ ...refOf('hailer'), set: { GREETING: 'Ada' }, unset: [] })
  await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v2 on 2 of 2 instances.')
  const before = (await slipway.api.app.get.query(refOf('hailer'))).instanceList.map(({ name }) => name)
  await openPalette(page, 'restart web')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Restart web' }).click()
  const instances = async () => (await slipway.api.app.get.query(refOf('hailer'))).instanceList.map(({ name }) => name)
  await expect.poll(async () => (await instances()).filter((name) => before.includes(name))).toEqual([])

  await openPalette(page, 'roll back to v1')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back to v1' }).click()
  await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v3 on 2 of 2 instances.')
})

test('22 Palette: opens the app, copies its address, goes to its logs', async ({ page, context, slipway }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto(pathOf('hailer'))
  await openPalette(page, 'copy address')
  await page.keyboard.press('Enter')
  await expect(page.getByText('The address is on the clipboard.')).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(slipway.addressOf('hailer'))
  await openPalette(page, 'open hailer')
  const opened = context.waitForEvent('page')
  await page.keyboard.press('Enter')
  expect((await opened).url()).toMatch(/^(about:blank|http:\/\/hailer\.)/)
  await page.bringToFront()
  await openPalette(page, 'open the logs')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/hailer\/logs/)
})

test('22 Palette: people and settings by name', async ({ page }) => {
  await page.goto('/')
  await openPalette(page, 'vera')
  await expect(entry(page, /^Vera Rubin/)).toContainText('viewer in Acme')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/acme\/settings\/members\?member=vera/)
  await expect(page.getByRole('listitem').filter({ hasText: 'Vera Rubin' })).toHaveAttribute('aria-current', 'true')
  await openPalette(page, 'api tokens')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/settings#tokens$/)
})

test('22 Palette: a viewer is not offered what the role may not do', async ({ browser, slipway }) => {
  const context = await browser.newContext({ baseURL: slipway.url, storageState: { cookies: [], origins: [] } })
  const page = await context.newPage()
  await page.goto('/login')
  await logIn(page, VIEWER)
  await page.waitForURL(slipway.url)
  await page.goto(pathOf('hailer'))
  await openPalette(page, 'hailer')
  await expect(entry(page, /^Open hailer/)).toBeVisible()
  await expect(entry(page, /^Copy address/)).toBeVisible()
  for (const typed of ['scale', 'restart', 'roll back', 'new app']) {
    await palette(page).getByRole('combobox').fill(typed)
    await expect(palette(page).getByText('Nothing of that name.')).toBeVisible()
  }
  await context.close()
})

const MAC =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36'

test('22 Palette: the platform’s own key names, from the first paint on', async ({ browser, session, slipway }) => {
  for (const [userAgent, name, other] of [
    [MAC, '⌘', 'Ctrl'],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/143.0.0.0 Safari/537.36', 'Ctrl', '⌘'],
  ] as const) {
    const context = await browser.newContext({ baseURL: slipway.url, storageState: session, userAgent })
    const page = await context.newPage()
    const html = await (await page.goto('/'))?.text()
    expect(html).toContain(`>${name}</kbd>`)
    expect(html).not.toContain(`>${other}</kbd>`)
    await expect(async () => {
      await page.keyboard.press('?')
      await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible({ timeout: 1_000 })
    }).toPass()
    await expect(page.getByRole('dialog').getByText(name, { exact: true })).toBeVisible()
    await expect(page.getByText(other, { exact: true })).toHaveCount(0)
    await page.keyboard.press('Escape')
    await page.keyboard.press(name === '⌘' ? 'Meta+k' : 'Control+k')
    await expect(palette(page)).toBeVisible()
    await context.close()
  }
})
