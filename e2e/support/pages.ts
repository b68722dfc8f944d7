import AxeBuilder from '@axe-core/playwright'
import { expect, type Locator, type Page } from '@playwright/test'

/** The bordered part of a page that has this heading. */
export function panel(page: Page, title: string | RegExp): Locator {
  return page
    .locator('section')
    .filter({ has: page.getByRole('heading', { level: 2, name: title, exact: typeof title === 'string' }) })
}

/** The line of a release on the page of all releases. */
export const releaseLine = (page: Page, number: number): Locator =>
  panel(page, 'Releases')
    .getByRole('listitem')
    .filter({ hasText: new RegExp(`^v${number}\\D`) })

/** What the page says aloud; Next's own announcer of routes is an empty alert beside it. */
export const alertOn = (page: Page): Locator =>
  page.getByRole('alert').and(page.locator(':not(#__next-route-announcer__)'))

/** Fills in the sign-in form and sends it. */
export async function logIn(page: Page, account: { email: string; password: string }): Promise<void> {
  await page.getByLabel('E-mail address').fill(account.email)
  await page.getByRole('textbox', { name: 'Password' }).fill(account.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Opens a menu by its button. A page that was just loaded on a busy machine may not listen to clicks yet. */
export async function openMenu(page: Page, name: string): Promise<void> {
  const menu = page.getByRole('menu')
  await expect(async () => {
    if (!(await menu.isVisible())) await page.getByRole('button', { name }).click()
    await expect(menu).toBeVisible({ timeout: 1_000 })
  }).toPass({ timeout: 30_000 })
}

/** Marks the loaded document, so that a reload can be told from a change in place. */
export async function markDocument(page: Page): Promise<{ expectSame(): Promise<void> }> {
  const mark = await page.evaluate(() => {
    document.documentElement.dataset.loaded = String(performance.timeOrigin)
    return document.documentElement.dataset.loaded
  })
  return {
    async expectSame() {
      expect(await page.evaluate(() => document.documentElement.dataset.loaded)).toBe(mark)
    },
  }
}

/** Colours change within a frame or two after the theme does, which on a busy machine is later than axe looks. */
async function settleColours(): Promise<void> {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame)
  await Promise.allSettled(document.getAnimations().map(({ finished }) => finished))
}

/** axe finds nothing on the page as it stands, in both themes. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.evaluate(settleColours)
    const { violations } = await new AxeBuilder({ page }).analyze()
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
    expect(found, `${what} in ${colorScheme}`).toEqual([])
  }
}

/** The page can be used on a phone: 360 px wide, nothing makes it scroll sideways. */
export async function expectNarrow(page: Page, what: string): Promise<void> {
  const before = page.viewportSize()
  await page.setViewportSize({ width: 360, height: 740 })
  const overflow = () =>
    page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement
      return scrollWidth - clientWidth
    })
  await expect.poll(overflow, { message: `${what}: pixels beyond 360` }).toBeLessThanOrEqual(0)
  if (before) await page.setViewportSize(before)
}
