import type { Browser, Page } from '@playwright/test'
import type { Role } from '@slipway/domain'
import { type Api, apiWith } from './api.ts'
import { logIn } from './pages.ts'

/** Waits until nothing on the page is being loaded for the first time. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main').waitFor()
  await page.locator('[role=status][aria-label^=Loading]').first().waitFor({ state: 'detached' })
}

/** Makes an account that is in the team with this role. */
export async function addMember(
  api: Api,
  url: string,
  person: { email: string; password: string },
  role: Role,
): Promise<void> {
  const { path } = await api.invitation.create.mutate({ team: 'acme', email: person.email, role })
  const token = path.split('/').at(-1) ?? ''
  const name = person.email.split('@')[0] ?? ''
  await apiWith(url).invitation.accept.mutate({ token, name, password: person.password })
}

/** A browser of its own in which the person is signed in; its caller closes the context. */
export async function pageOf(
  browser: Browser,
  url: string,
  person: { email: string; password: string },
): Promise<Page> {
  const context = await browser.newContext({ baseURL: url, storageState: { cookies: [], origins: [] } })
  const page = await context.newPage()
  await page.goto('/login')
  await logIn(page, person)
  await page.waitForURL(`${url}/`)
  await settled(page)
  return page
}
