import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from '@playwright/test'
import { follow, type Place, slipway as runCli } from '../apps/cli/test/slipway.ts'
import { ADMIN } from './support/api.ts'
import { test } from './support/fixtures.ts'
import { expectAccessible, expectNarrow, logIn, panel } from './support/pages.ts'

let configHome = ''
let place: Place
test.beforeAll(() => {
  configHome = mkdtempSync(path.join(tmpdir(), 'slipway-cli-login-'))
  place = { configHome, cwd: configHome }
})
test.afterAll(() => rmSync(configHome, { recursive: true, force: true }))

const begin = async (url: string) => {
  const login = follow(place, 'login', '--url', url, '--no-browser', '--scope', 'deploy')
  await login.until(/\/cli-login\?code=/)
  const address = /(\S+\/cli-login)\?code=(\S+)/.exec(login.stderr())
  return { login, page: address?.[1] ?? '', code: address?.[2] ?? '' }
}

test('a command line is approved in the browser, by the code that the terminal shows', async ({ browser, slipway }) => {
  const { login, page: address, code } = await begin(slipway.url)
  expect(login.stderr()).toContain(`Your code: ${code}`)
  // Signed out: first the sign-in, which comes back to the code.
  const context = await browser.newContext({ baseURL: slipway.url, storageState: { cookies: [], origins: [] } })
  const page = await context.newPage()
  await page.goto(`${address}?code=${code}`)
  await logIn(page, ADMIN)
  await expect(page.getByText('Does your terminal show this code?')).toBeVisible()
  await expect(page.getByText(code, { exact: true })).toBeVisible()
  await expect(page.getByText('127.0.0.1')).toBeVisible()
  await expect(page.getByRole('combobox', { name: 'Access' })).toHaveText('Deploy')
  await expectAccessible(page, 'cli-login')
  await expectNarrow(page, 'cli-login')
  await page.getByRole('button', { name: 'Approve' }).click()
  await expect(page.getByText('continues by itself')).toBeVisible()
  await login.until(new RegExp(`Signed in to ${slipway.url} as ${ADMIN.email}`))
  const { stdout } = await runCli(place, 'projects', '--json')
  expect(JSON.parse(stdout)).toMatchObject([{ team: 'acme', project: 'shop' }])
  expect(await runCli(place, 'teams', 'create', 'More')).toMatchObject({ code: 3 })
  await page.goto('/settings')
  await expect(panel(page, 'Account activity')).toContainText(
    /Approved the sign-in of the command line on .* \(deploy, 90 days\)/,
  )
  await expect(panel(page, 'API tokens')).toContainText('slipway on ')
})

test('a wrong code leads nowhere, a typed one to its terminal, and a refusal ends it in words', async ({
  page,
  slipway,
}) => {
  const { login, page: address, code } = await begin(slipway.url)
  await page.goto(address)
  await page.getByLabel('Code').fill('BCDF')
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(page.getByText('The code has 8 letters')).toBeVisible()
  await expectAccessible(page, 'cli-login, the code')
  await expectNarrow(page, 'cli-login, the code')
  await page.getByLabel('Code').fill('BBBB-BBBB')
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(page.getByText('There is no sign-in with this code')).toBeVisible()
  await page.getByLabel('Code').fill(code.replace('-', '').toLowerCase())
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Refuse' }).click()
  await expect(page.getByText('was refused')).toBeVisible()
  await login.until(/The sign-in was refused in the browser\./)
  expect(await login.ended()).toBe(3)
})
