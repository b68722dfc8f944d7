import { type Browser, expect, type Page } from '@playwright/test'
import { ADMIN } from './support/api.ts'
import { test } from './support/fixtures.ts'
import { expectAccessible, expectNarrow, logIn, openMenu, panel } from './support/pages.ts'

const BEA = { email: 'bea@example.com', password: 'correct horse battery', next: 'another long password' }

/** A page of a browser of its own, signed in. */
async function signedIn(browser: Browser, url: string, account: { email: string; password: string }): Promise<Page> {
  const context = await browser.newContext({ baseURL: url, storageState: { cookies: [], origins: [] } })
  const page = await context.newPage()
  await page.goto('/login?next=/settings')
  await logIn(page, account)
  await expect(panel(page, 'Sessions')).toBeVisible()
  return page
}

test('sessions, tokens and what happened are on the account’s page; ending a session signs it out at once', async ({
  browser,
  slipway,
}) => {
  const link = await slipway.api.invitation.create.mutate({ team: 'acme', email: BEA.email, role: 'developer' })
  await slipway.api.invitation.accept.mutate({
    token: link.path.split('/').at(-1) ?? '',
    name: 'Bea',
    password: BEA.password,
  })
  const first = await signedIn(browser, slipway.url, BEA)
  const second = await signedIn(browser, slipway.url, BEA)
  const sessions = panel(second, 'Sessions').getByRole('listitem')
  await expect(sessions).toHaveCount(2)
  await expect(sessions.filter({ hasText: 'This device' })).toContainText(
    /Chrome on Linux.*(127\.0\.0\.1|::1) · last used/,
  )

  const tokens = panel(second, 'API tokens')
  await tokens.getByLabel('Name').fill('ci')
  await expect(tokens).toContainText('Best for CI')
  await tokens.getByRole('button', { name: 'Create token' }).click()
  await expect(tokens.getByText('The token “ci”, shown only now')).toBeVisible()
  await expect(tokens.getByRole('list', { name: 'Tokens' })).toContainText(/Deploy · created .* never used · expires/)
  await expectAccessible(second, 'account')
  await expectNarrow(second, 'account')

  // A copy of the cookie of a session that was ended is worth nothing.
  const copy = await first.context().storageState()
  await sessions
    .filter({ hasNotText: 'This device' })
    .getByRole('button', { name: /^End the session/ })
    .click()
  await expect(sessions).toHaveCount(1)
  await first.reload()
  await expect(first).toHaveURL(/\/login\?ended=1/)
  const thief = await browser.newContext({ baseURL: slipway.url, storageState: copy })
  expect((await thief.request.get('/trpc/account.get')).status()).toBe(401)

  const activity = panel(second, 'Account activity')
  for (const text of ['Ended the session with Chrome on Linux.', 'Created the API token ci (deploy).'])
    await expect(activity).toContainText(text)

  const mine = await second.context().storageState()
  await openMenu(second, 'Account menu')
  await second.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(second).toHaveURL(/\/login/)
  const kept = await browser.newContext({ baseURL: slipway.url, storageState: mine })
  expect((await kept.request.get('/trpc/account.get')).status()).toBe(401)
})

test('a forgotten password is set anew with an operator’s link', async ({ browser, slipway }) => {
  const context = await browser.newContext({ baseURL: slipway.url, storageState: { cookies: [], origins: [] } })
  const page = await context.newPage()
  await page.goto('/login')
  await page.getByRole('link', { name: 'Forgot your password?' }).click()
  await expect(page.getByText('slipway accounts reset-link')).toBeVisible()
  await expectAccessible(page, 'forgot password')
  await expectNarrow(page, 'forgot password')

  const { url } = await slipway.api.account.createResetLink.mutate({ email: BEA.email })
  await page.goto(url)
  await page.getByRole('textbox', { name: 'New password' }).fill('short')
  await page.getByRole('button', { name: 'Set password and sign in' }).click()
  await expect(page.getByText('Use at least 10 characters.')).toBeVisible()
  await expectAccessible(page, 'reset')
  await expectNarrow(page, 'reset')
  await page.getByRole('textbox', { name: 'New password' }).fill(BEA.next)
  await page.getByRole('button', { name: 'Set password and sign in' }).click()
  await expect(page.getByRole('button', { name: 'Account menu' })).toBeVisible()
  await page.goto(url)
  await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeVisible()
  await page.goto('/settings')
  await expect(panel(page, 'Account activity')).toContainText(`${ADMIN.email} created a password reset link.`)
})
