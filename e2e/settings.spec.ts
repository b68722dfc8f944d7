import path from 'node:path'
import { expect, type Page } from '@playwright/test'
import { startRepositoryServer } from '../apps/platform/test/repository-server.ts'
import { apiWith } from './support/api.ts'
import { pathOf, refOf, test } from './support/fixtures.ts'
import { createRepository } from './support/git.ts'
import { alertOn, expectAccessible, expectNarrow, logIn, panel } from './support/pages.ts'

const APP = 'settled'
const WANDA = { email: 'wanda@example.com', password: 'correct horse battery' }

test.beforeAll(async ({ slipway }) => {
  await slipway.api.app.create.mutate({ ...refOf(APP), source: { kind: 'git' } })
  await slipway.api.config.update.mutate({ ...refOf(APP), set: { NEXT_PUBLIC_API: 'https://api', SENTRY_DSN: 'x' } })
  const link = await slipway.api.invitation.create.mutate({ team: 'acme', email: WANDA.email, role: 'viewer' })
  const token = link.path.split('/').at(-1) ?? ''
  await apiWith(slipway.url).invitation.accept.mutate({ token, name: 'Wanda', password: WANDA.password })
})
test.afterAll(({ slipway }) => slipway.clear())

const settingsOf = async (api: { app: { get: { query(ref: object): Promise<unknown> } } }) =>
  api.app.get.query(refOf(APP))

test('edits of the settings are staged, told old → new, kept over a change of page, and saved by one button', async ({
  page,
  slipway,
}) => {
  await page.goto(pathOf(APP, 'settings'))
  const build = panel(page, 'Build and deploy')
  await build.getByLabel('Root directory').fill('apps/web')
  await build.getByLabel('Deployed branch').fill('not a branch')
  await expect(alertOn(page).filter({ hasText: 'This is not a branch name.' })).toBeVisible()
  await expect(build.getByRole('button', { name: 'Save 2 changes' })).toBeDisabled()
  await build.getByLabel('Deployed branch').fill('release')
  await build
    .getByRole('textbox', { name: 'Config vars in the build' })
    .or(build.getByRole('combobox', { name: 'Config vars in the build' }))
    .fill('NEXT_PUBLIC_*,')
  await expect(build.getByText('matches NEXT_PUBLIC_API')).toBeVisible()
  await expectAccessible(page, 'staged settings')
  await expectNarrow(page, 'staged settings')

  await page.getByRole('navigation', { name: 'Pages of the app' }).getByRole('link', { name: 'Config' }).click()
  await expect(panel(page, 'Config vars')).toBeVisible()
  await page.getByRole('navigation', { name: 'Pages of the app' }).getByRole('link', { name: 'Settings' }).click()
  const staged = build.getByRole('region', { name: 'Unsaved changes' })
  await expect(staged).toContainText(/Root directory: top of the repository .*apps\/web/)
  await build.getByRole('button', { name: 'Save 3 changes' }).click()
  await expect(page.getByText('Settings saved.')).toBeVisible()
  await expect(staged).toHaveCount(0)
  expect(await settingsOf(slipway.api)).toMatchObject({
    settings: { rootDirectory: 'apps/web', buildVars: ['NEXT_PUBLIC_*'], builder: 'automatic' },
    deployBranch: 'release',
  })
})

test('the Dockerfile’s settings show where one is built, with arguments by name and value', async ({
  page,
  slipway,
}) => {
  await page.goto(pathOf(APP, 'settings'))
  const build = panel(page, 'Build and deploy')
  await build.getByRole('combobox', { name: 'Builder' }).click()
  await page.getByRole('option', { name: 'Native' }).click()
  await expect(build.getByLabel('Target stage')).toHaveCount(0)
  await build.getByRole('combobox', { name: 'Builder' }).click()
  await page.getByRole('option', { name: 'Dockerfile' }).click()
  await build.getByLabel('Target stage').fill('runtime')
  await build.getByRole('button', { name: 'Add argument' }).click()
  await build.getByLabel('Name of argument 1').fill('NODE_ENV')
  await build.getByLabel('Value of argument 1').fill('production')
  await build.getByRole('button', { name: 'Save 3 changes' }).click()
  await expect(page.getByText('Settings saved.')).toBeVisible()
  expect(await settingsOf(slipway.api)).toMatchObject({
    settings: { builder: 'dockerfile', dockerfileTarget: 'runtime', buildArgs: { NODE_ENV: 'production' } },
  })
})

test('clearing the build cache says what it does', async ({ page, slipway }) => {
  await page.goto(pathOf(APP, 'settings'))
  await page.getByRole('button', { name: 'Clear build cache' }).click()
  await expect(page.getByText('The next build starts without it and takes longer.')).toBeVisible()
  expect(await settingsOf(slipway.api)).toMatchObject({ settings: { cacheVersion: 1 } })
})

test('a repository is connected when the app is created, with the folder it is in, and its webhook shown', async ({
  page,
  slipway,
}) => {
  const repository = await createRepository({ 'apps/web/index.html': 'hello' })
  const host = await startRepositoryServer(path.dirname(repository.dir), null)
  const address = `${host.url}/${path.basename(repository.dir)}/.git`
  try {
    await page.goto('/new?team=acme&project=shop&environment=production')
    await page.getByRole('radio', { name: /Connect a repository/ }).click()
    await page.getByRole('button', { name: 'Create and connect' }).click()
    await expect(page.getByText('Enter a name.')).toBeVisible()
    await expectAccessible(page, 'new app with errors')
    await page.getByLabel('Repository', { exact: true }).fill('https://gitlab.com/acme/storefront.git')
    await expect(page.getByRole('combobox', { name: 'Git host' })).toHaveText('GitLab')
    await expect(page.getByLabel('App name')).toHaveValue('storefront')
    await page.getByLabel('Repository', { exact: true }).fill(address)
    await page.getByLabel('App name').fill('storefront')
    await page.getByText('Advanced').click()
    await page.getByLabel('Root directory').fill('apps/web')
    await page.getByRole('button', { name: 'Create and connect' }).click()
    await expect(page.getByRole('heading', { name: /storefront has been created and connected/ })).toBeVisible()
    await expectAccessible(page, 'the end of connecting a repository')
    await expectNarrow(page, 'the end of connecting a repository')
    const settings = { rootDirectory: 'apps/web' }
    expect(await slipway.api.app.get.query(refOf('storefront'))).toMatchObject({ settings, source: { branch: 'main' } })
  } finally {
    await host.stop()
    repository.remove()
  }
})

test('where the repository cannot be connected the app is there, and the address is corrected in place', async ({
  page,
}) => {
  const repository = await createRepository({ 'index.html': 'hello' })
  const host = await startRepositoryServer(path.dirname(repository.dir), null)
  try {
    await page.goto('/new?team=acme&project=shop&environment=production')
    await page.getByRole('radio', { name: /Connect a repository/ }).click()
    await page.getByLabel('Repository', { exact: true }).fill(`${host.url}/nowhere.git`)
    await expect(page.getByLabel('App name')).toHaveValue('nowhere')
    await page.getByRole('button', { name: 'Create and connect' }).click()
    await expect(page.getByRole('heading', { name: /nowhere has been created\. Its repository/ })).toBeVisible()
    await expectAccessible(page, 'a repository that cannot be connected')
    await expectNarrow(page, 'a repository that cannot be connected')
    const address = `${host.url}/${path.basename(repository.dir)}/.git`
    await page.getByLabel('Repository', { exact: true }).fill(address)
    await page.getByRole('button', { name: 'Connect repository' }).click()
    await page.waitForURL(pathOf('nowhere', 'settings'))
    await expect(panel(page, 'Repository').getByText(address)).toBeVisible()
  } finally {
    await host.stop()
    repository.remove()
  }
})

test('a commit is deployed again with the settings as they are now', async ({ page, slipway }) => {
  const repository = await slipway.newApp('redeployed', {
    'apps/web/index.html': '<h1>hello</h1>',
    'README.md': 'A monorepo',
  })
  expect((await slipway.push('redeployed', repository)).code).not.toBe(0)
  repository.remove()
  await page.goto(pathOf('redeployed', 'settings'))
  const build = panel(page, 'Build and deploy')
  await build.getByLabel('Root directory').fill('apps/web')
  await build.getByRole('button', { name: 'Save 1 change' }).click()
  await page.getByRole('button', { name: 'Deploy again' }).click()
  await page.waitForURL(pathOf('redeployed', 'builds/2'))
  await expect(page.getByRole('link', { name: 'Released v1' })).toBeVisible({ timeout: 60_000 })
  await expect(page.getByText('deployed again')).toBeVisible()
  await expectAccessible(page, 'a build that was deployed again')
})

test('a compose file is refused in words that say what to do instead', async ({ page }) => {
  await page.goto('/new')
  await page.getByRole('radio', { name: /A compose file/ }).click()
  await expect(alertOn(page)).toContainText('Compose files cannot be imported yet')
  await expect(page.getByRole('button', { name: 'Create app' })).toBeDisabled()
  await expectAccessible(page, 'a compose file')
})

test('registries of a team are added, replaced and removed, and never shown again', async ({ page, slipway }) => {
  await page.goto('/acme/settings/registries')
  await page.getByRole('button', { name: 'Add registry' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Host').fill('ghcr')
  await dialog.getByLabel('User name').fill('octo')
  await dialog.getByLabel('Password or access token').fill('ghp_hush')
  await dialog.getByRole('button', { name: 'Add registry' }).click()
  await expect(dialog.getByText('Enter the registry’s host')).toBeVisible()
  await expectAccessible(page, 'adding a registry')
  await dialog.getByLabel('Host').fill('GHCR.io')
  await dialog.getByRole('button', { name: 'Add registry' }).click()
  const list = panel(page, 'Registries')
  await expect(list.getByText('ghcr.io', { exact: true })).toBeVisible()
  expect(JSON.stringify(await slipway.api.registry.list.query({ team: 'acme' }))).not.toContain('hush')
  await expectAccessible(page, 'registries')
  await expectNarrow(page, 'registries')
  await list.getByRole('button', { name: 'Remove ghcr.io' }).click()
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await expect(list.getByText('No registries yet')).toBeVisible()
})

test.describe('a viewer', () => {
  test.use({ storageState: { cookies: [], origins: [] } })

  const signedIn = async (page: Page, address: string) => {
    await page.goto('/login')
    await logIn(page, WANDA)
    await page.waitForURL((url) => url.pathname === '/')
    await page.goto(address)
  }

  test('reads the settings, and is told who can change them', async ({ page }) => {
    await signedIn(page, pathOf(APP, 'settings'))
    const build = panel(page, 'Build and deploy')
    await expect(build.getByText(/Your role in this team is viewer\. .* can change these settings\./)).toBeVisible()
    await expect(build.getByRole('textbox')).toHaveCount(0)
    await expect(build.getByRole('button', { name: 'Clear build cache' })).toHaveCount(0)
    await expect(panel(page, 'Repository').getByText('No repository is connected.')).toBeVisible()
    await expectAccessible(page, 'settings of a viewer')
    await expectNarrow(page, 'settings of a viewer')
  })

  test('is told who can create apps, and who sees registries', async ({ page }) => {
    await signedIn(page, '/new')
    await expect(page.getByText(/can create apps here, or give you the role developer/)).toBeVisible()
    await expectAccessible(page, 'new app of a viewer')
    await page.goto('/acme/settings/registries')
    await expect(page.getByText(/Your role in this team is viewer\. .* can see them\./)).toBeVisible()
    await expectAccessible(page, 'registries of a viewer')
  })
})
