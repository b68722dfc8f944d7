import { existsSync } from 'node:fs'
import { chromium, type Page } from '@playwright/test'
import { ADMIN } from '../../e2e/support/api.ts'
import { CHROMIUM } from '../../e2e/support/chromium.ts'
import { until } from '../../e2e/support/installation.ts'

/** A signed-in Chromium. */
export interface Browser {
  /** Opens a page of the console and waits until its live connection is up. */
  open(url: string): Promise<WatchedPage>
  close(): Promise<void>
}

export interface WatchedPage {
  page: Page
  /** Forgets what was seen, and from now on notes when the page's text first matches. */
  watch(pattern: RegExp): Promise<void>
  /** The time (epoch, ms, by this machine's clock) at which the DOM first matched. Waits for it. */
  seenAt(): Promise<number>
}

/** Null where the machine has no Chromium. */
export async function openBrowser(origin: string): Promise<Browser | null> {
  if (!existsSync(CHROMIUM.executablePath)) return null
  const browser = await chromium.launch(CHROMIUM)
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${origin}/login`)
  await page.locator('input[name=email]').fill(ADMIN.email)
  await page.locator('input[name=password]').fill(ADMIN.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((url) => !url.pathname.startsWith('/login'))
  await page.close()
  return {
    async open(url) {
      const opened = await context.newPage()
      await opened.goto(url)
      return watched(opened)
    },
    close: () => browser.close(),
  }
}

/** In the page (so as text: this program has no DOM): notes when the text first matches, and forgets what an earlier call saw. */
const observe = (pattern: RegExp) => `{
  globalThis.benchObserver?.disconnect()
  globalThis.benchSeenAt = null
  const wanted = new RegExp(${JSON.stringify(pattern.source)})
  const look = () => {
    if (globalThis.benchSeenAt === null && wanted.test(document.body.textContent)) globalThis.benchSeenAt = Date.now()
  }
  globalThis.benchObserver = new MutationObserver(look)
  globalThis.benchObserver.observe(document.body, { subtree: true, childList: true, characterData: true })
  look()
}`

function watched(page: Page): WatchedPage {
  return {
    page,
    watch: (pattern) => page.evaluate<void>(observe(pattern)),
    async seenAt() {
      // `waitForFunction` would evaluate text in the page, which its Content-Security-Policy forbids.
      return until('the text on the page', () => page.evaluate<number | null>('globalThis.benchSeenAt'))
    },
  }
}
