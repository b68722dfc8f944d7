import { expect, type Page } from '@playwright/test'
import { FAILS_TO_BUILD, GREETER, NOT_RECOGNISED } from './support/apps.ts'
import { pathOf, refOf, type Slipway, test } from './support/fixtures.ts'
import { createRepository } from './support/git.ts'
import { markDocument, panel } from './support/pages.ts'

test.afterAll(({ slipway }) => slipway.clear())

test('a new app from git push: the commands of its page, a token, the build, and it is live', async ({
  page,
  slipway,
}) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'New app' }).first().click()
  await page.getByLabel('App name').fill('Not a name')
  await page.getByRole('button', { name: 'Create app' }).click()
  await expect(page.getByLabel('App name')).toHaveAttribute('aria-invalid', 'true')
  await page.getByLabel('App name').fill('greeter')
  await page.getByRole('button', { name: 'Create app' }).click()
  await expect(page.getByRole('heading', { level: 2, name: 'Push your code' })).toBeVisible()
  const document = await markDocument(page)
  const commands = page.getByRole('region', { name: 'commands' })
  const gitUrl = `${slipway.url}/git/acme/shop/production/greeter.git`
  const remote = `git remote add slipway ${gitUrl}`
  await expect(commands).toContainText(remote)
  await expect(commands).toContainText('git push slipway main')
  await page.getByRole('button', { name: 'Create a token' }).click()
  const setUrl = (await page.getByRole('region', { name: 'command', exact: true }).textContent())?.match(/git .*/)?.[0]

  const repository = await createRepository({ ...GREETER })
  for (const line of [remote, setUrl])
    expect(await repository.git(...(line ?? '').split(' ').slice(1))).toMatchObject({ code: 0 })
  const pushing = repository.git('push', 'slipway', 'main')
  await expect(page.getByRole('list', { name: 'Steps of the deploy' })).toContainText('Build')
  const { code, output } = await pushing
  expect(output).toContain('remote: -----> Node.js app detected')
  expect(output).toContain('Released v1')
  expect(output).toContain(`${slipway.addressOf('greeter')} deployed to Slipway`)
  expect(code).toBe(0)

  await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v1 on 1 of 1 instance.')
  await expect(panel(page, 'Releases')).toContainText(/built in .*, live after/)
  await document.expectSame()

  await page.getByRole('link', { name: 'All builds' }).click()
  await page.getByRole('link', { name: 'First version' }).click()
  await expect(page.getByRole('log', { name: 'Log of build 1' })).toContainText('-----> Node.js app detected')
  await expect(page.getByRole('link', { name: 'Released v1' })).toBeVisible()
  await document.expectSame()

  const opening = page.waitForEvent('popup')
  await page.getByRole('link', { name: 'Open app' }).click()
  const app = await opening
  await expect(app).toHaveURL(`${slipway.addressOf('greeter')}/`)
  await expect(app.getByRole('heading', { name: 'hello nobody' })).toBeVisible()
  await expect(app.locator('#socket')).toHaveText('FROM THE BROWSER')
  const streamed = await app.evaluate(async () => {
    const reader = (await fetch('/stream')).body?.pipeThrough(new TextDecoderStream()).getReader()
    const first = (await reader?.read())?.value
    // Nothing more comes before this: the first part was not held back by anything on the way.
    await fetch('/next')
    return [first, (await reader?.read())?.value]
  })
  expect(streamed).toEqual(['first\n', 'second\n'])
  await app.close()
  repository.remove()
})

test('a tree that is not recognised: the push and the page say what is', async ({ page, slipway }) => {
  const repository = await slipway.newApp('unknown', NOT_RECOGNISED)
  await page.goto(pathOf('unknown'))
  await expect(page.getByRole('heading', { level: 2, name: 'Push your code' })).toBeVisible()
  const { code, output } = await slipway.push('unknown', repository)
  expect(code).not.toBe(0)
  expect(output).toContain('Slipway does not recognise this app.')
  expect(output).toContain('(build 1 failed)')
  expect(output).toMatch(/package\.json .*index\.html .*Procfile/)
  const why = page.getByRole('region', { name: "Why isn't it live?" })
  await expect(page.getByRole('region', { name: 'Health' })).toContainText('Slipway does not recognise this app.')
  await expect(why).toContainText('Put one of these at the top: Dockerfile, package.json')
  await expectNothingDeployed(page, slipway, 'unknown')
  repository.remove()
})

test('a failing build: the push and the page say why, nothing is deployed', async ({ page, slipway }) => {
  const repository = await slipway.newApp('broken', FAILS_TO_BUILD)
  await page.goto(pathOf('broken'))
  const { code, output } = await slipway.push('broken', repository)
  expect(code).not.toBe(0)
  // The builder writes the cause into its log; the push does not repeat it.
  expect(output.match(/remote: +! .*invoice/g)).toHaveLength(1)
  expect(output).toContain('(build 1 failed)')
  expect(output).toMatch(/remote: +error TS2304: Cannot find name "invoice"\./)
  const why = page.getByRole('region', { name: "Why isn't it live?" })
  await expect(why.getByRole('region', { name: 'Last log lines' })).toContainText('Cannot find name "invoice"')
  await why.getByRole('link', { name: 'Open the build log' }).click()
  await expect(page.getByRole('log', { name: 'Log of build 1' })).toContainText('Cannot find name "invoice"')
  await expect(page.getByText('Nothing was deployed: what ran before is still running.')).toBeVisible()
  await expectNothingDeployed(page, slipway, 'broken')
  repository.remove()
})

test('a push to another branch is refused with the way to deploy it', async ({ page, slipway }) => {
  const repository = await slipway.newApp('branches', GREETER)
  await page.goto(pathOf('branches'))
  const { code, output } = await slipway.push('branches', repository, 'main:feature')
  expect(code).not.toBe(0)
  expect(output).toContain('only the branch main is deployed, so feature was not taken and nothing was built.')
  expect(output).toContain('git push slipway feature:main')
  expect((await slipway.api.build.list.query(refOf('branches'))).items).toEqual([])
  await expect(page.getByText('Waiting for the first push.')).toBeVisible()
  await expectNothingDeployed(page, slipway, 'branches')
  repository.remove()
})

async function expectNothingDeployed(page: Page, slipway: Slipway, app: string): Promise<void> {
  await page.goto(pathOf(app, 'releases'))
  await expect(page.getByText('No releases yet')).toBeVisible()
  await expect(panel(page, 'Releases').getByRole('listitem')).toHaveCount(0)
  expect(await slipway.api.app.get.query(refOf(app))).toMatchObject({ currentRelease: null, instanceList: [] })
}
