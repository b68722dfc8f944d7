import { expect, test } from '@playwright/test'
import { ADMIN } from './support/api.ts'
import { type Installation, startInstallation } from './support/installation.ts'
import { alertOn, expectAccessible, expectNarrow, logIn, openMenu } from './support/pages.ts'

// Its own installation, as a fresh clone has it: nobody has an account yet, and the tries of the last test lock this address out.
test.describe.configure({ mode: 'serial' })

let slipway: Installation
test.beforeAll(async () => {
  slipway = await startInstallation()
})
test.afterAll(() => slipway?.remove())

test('the first visit makes an account, a team and a project', async ({ page }) => {
  await page.goto(slipway.url)
  await expect(page).toHaveURL(`${slipway.url}/setup`)
  await expect(page.getByLabel('Setup code')).toHaveAccessibleDescription(/link that Slipway printed/)
  await expectAccessible(page, 'setup')
  await expectNarrow(page, 'setup')
  const link = /Create the first account at (\S+)/.exec(slipway.output())?.[1] ?? ''
  await page.goto(link.replace(/code=.*/, 'code=wrong'))
  await expect(page.getByLabel('Setup code')).toHaveCount(0)
  await page.getByLabel('Your name').fill('Ada Lovelace')
  await page.getByLabel('E-mail address').fill(ADMIN.email)
  await page.getByRole('textbox', { name: 'Password' }).fill('short')
  await page.getByRole('button', { name: 'Create account' }).click()
  await expect(alertOn(page)).toHaveText(/10/)
  await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
  await page.getByRole('button', { name: 'Create account' }).click()
  await expect(alertOn(page)).toHaveText(/not the setup code/)
  await expect(page.getByLabel('Setup code')).toHaveValue('wrong')
  await expectAccessible(page, 'setup with a wrong code')

  await page.goto(link)
  await page.getByLabel('Your name').fill('Ada Lovelace')
  await page.getByLabel('E-mail address').fill(ADMIN.email)
  await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
  await page.getByRole('button', { name: 'Create account' }).click()

  await expect(page.getByRole('heading', { name: 'Name your team' })).toBeVisible()
  await expectAccessible(page, 'welcome')
  await page.getByLabel('Team name').fill('Acme Rockets')
  await expect(page.getByLabel('Team address')).toHaveValue('acme-rockets')
  await page.getByLabel('Team address').fill('acme')
  await page.getByRole('button', { name: 'Create team' }).click()

  await page.getByLabel('Project name').fill('Shop')
  await expectNarrow(page, 'welcome')
  await page.getByRole('button', { name: 'Create project' }).click()
  await expect(page).toHaveURL(`${slipway.url}/new?team=acme&project=shop&environment=production`)
  await expect(page.getByLabel('Environment')).toHaveText('production')
  await page.goto(`${slipway.url}/acme/shop`)
  await expect(page.getByRole('heading', { level: 1, name: 'Shop' })).toBeVisible()
})

test('a second start keeps the account; it signs out and in again; a wrong password says so; after ten tries it has to wait', async ({
  page,
}) => {
  const { stateDir, port } = slipway
  expect(await slipway.stop()).toBe(0)
  slipway = await startInstallation({ stateDir, port })
  await page.goto(slipway.url)
  await expect(page).toHaveURL(/\/login/)
  await expectAccessible(page, 'login')
  await expectNarrow(page, 'login')
  await logIn(page, ADMIN)
  await expect(page.getByRole('heading', { name: 'Apps', exact: true })).toBeVisible()

  await openMenu(page, 'Account menu')
  await expect(page.getByText('Ada Lovelace')).toBeVisible()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await page.goto(`${slipway.url}/acme/shop`)
  await expect(page).toHaveURL(/\/login/)

  for (let tries = 1; tries <= 10; tries++) {
    const answered = page.waitForResponse(/\/api\/auth\/callback\/credentials/)
    await logIn(page, { ...ADMIN, password: `wrong ${tries}` })
    await answered
    await expect(alertOn(page)).toHaveText(/wrong/i)
  }
  await logIn(page, ADMIN)
  await expect(alertOn(page)).toHaveText(
    /Too many failed attempts from your address: 10 a minute .* Try again in \d+ s\./,
  )
})
