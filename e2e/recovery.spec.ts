import { expect, type Page } from '@playwright/test'
import { startLoad } from './support/api.ts'
import { GREETER, slowToBuild } from './support/apps.ts'
import { pathOf, refOf, type Slipway, test } from './support/fixtures.ts'
import { until } from './support/installation.ts'
import { markDocument, panel } from './support/pages.ts'

test.describe.configure({ mode: 'serial' })

const connection = (page: Page) => page.getByRole('banner').getByRole('status')
const health = (page: Page) => page.getByRole('region', { name: 'Health' })
const releases = async (slipway: Slipway, app: string) => (await slipway.api.release.list.query(refOf(app))).items
const setGreeting = (slipway: Slipway, app: string, greeting: string) =>
  slipway.api.config.update.mutate({ ...refOf(app), set: { GREETING: greeting }, unset: [] })

test.beforeAll(async ({ slipway }) => {
  const repository = await slipway.deploy('survivor', GREETER)
  repository.remove()
})

test.afterAll(({ slipway }) => slipway.clear())

test('kill -9 of the platform in mid-deploy: the deploy is finished, once; the app and the page go on', async ({
  page,
  slipway,
}) => {
  await page.goto(pathOf('survivor'))
  await expect(connection(page)).toHaveText('Live')
  await expect(health(page)).toContainText('Running v1')
  const document = await markDocument(page)
  const load = startLoad(slipway.addressOf('survivor'))
  await setGreeting(slipway, 'survivor', 'again')
  await slipway.installation.killPart('Platform')
  await expect(connection(page)).toHaveText('Live')
  await expect(health(page)).toContainText('Running v2 on 1 of 1 instance.')
  await expect(panel(page, 'Processes').getByRole('cell', { name: 'v1', exact: true })).toHaveCount(0)
  const { failures, greetings } = await load.stop()
  expect(failures).toEqual([])
  expect(Object.keys(greetings).sort()).toEqual(['again', 'nobody'])
  expect((await releases(slipway, 'survivor')).map(({ number, status }) => [number, status])).toEqual([
    [2, 'live'],
    [1, 'superseded'],
  ])
  await document.expectSame()
})

test('kill -9 of the platform in mid-build: the page says that it reconnects; one build, one release', async ({
  page,
  slipway,
}) => {
  const repository = await slipway.newApp('half-built', slowToBuild(6))
  await page.goto(pathOf('half-built'))
  const document = await markDocument(page)
  const pushing = slipway.push('half-built', repository)
  await page.getByRole('link', { name: 'Build log' }).click()
  const log = page.getByRole('log', { name: 'Log of build 1' })
  await expect(log).toContainText('tick 5')
  const killed = slipway.installation.killPart('Platform')
  await expect(connection(page)).toHaveText(/^Reconnecting since \d\d:\d\d:\d\d$/)
  await killed
  await expect(connection(page)).toHaveText('Live')
  expect((await pushing).code).not.toBe(0)
  await expect(log).toContainText('tick 60')
  await expect(page.getByRole('link', { name: 'Released v1' })).toBeVisible()
  await page.getByRole('link', { name: 'Overview' }).click()
  await expect(health(page)).toContainText('Running v1 on 1 of 1 instance.')
  await document.expectSame()

  expect(await slipway.push('half-built', repository)).toMatchObject({ code: 0 })
  const { items } = await slipway.api.build.list.query(refOf('half-built'))
  expect(items).toMatchObject([{ number: 1, status: 'succeeded', release: 1 }])
  expect(await releases(slipway, 'half-built')).toHaveLength(1)
  repository.remove()
})

test('kill -9 of the local cluster: the same processes go on, and are looked after again', async ({
  page,
  slipway,
}) => {
  await page.goto(pathOf('survivor'))
  await expect(health(page)).toContainText('Running v2 on 1 of 1 instance.')
  const document = await markDocument(page)
  const before = await slipway.api.app.get.query(refOf('survivor'))
  await slipway.installation.killPart('Local cluster')
  // Held at the edge until the ingress is back.
  expect(await slipway.fetch('survivor')).toMatchObject({ status: 200, headers: { greeting: 'again' } })
  await slipway.api.app.scale.mutate({ ...refOf('survivor'), processes: [{ name: 'web', instances: 2 }] })
  await expect(health(page)).toContainText('Running v2 on 2 of 2 instances.')
  await document.expectSame()
  const after = await slipway.api.app.get.query(refOf('survivor'))
  const kept = before.instanceList[0]
  expect(after.instanceList.find(({ name }) => name === kept?.name)).toMatchObject({
    restarts: kept?.restarts,
    startedAt: kept?.startedAt,
    ready: true,
  })
  expect(await releases(slipway, 'survivor')).toHaveLength(2)
})

test('kill -9 of Postgres among config changes: what was answered is kept once, the newest is live', async ({
  page,
  slipway,
}) => {
  await page.goto(pathOf('survivor'))
  await expect(connection(page)).toHaveText('Live')
  const document = await markDocument(page)
  const made: number[] = []
  let failed = 0
  let killed: Promise<void> | undefined
  for (let n = 1; n <= 8; n++) {
    if (n === 4) killed = slipway.installation.killPart('Postgres')
    await setGreeting(slipway, 'survivor', `change ${n}`).then(
      (release) => release && made.push(release.number),
      () => (failed += 1),
    )
  }
  await killed
  const last = await until('a change after the crash', () => setGreeting(slipway, 'survivor', 'after the crash'))
  const all = await releases(slipway, 'survivor')
  expect(all.map(({ number }) => number)).toEqual(Array.from({ length: last.number }, (_, n) => last.number - n))
  expect(all.map(({ number }) => number)).toEqual(expect.arrayContaining(made))
  // A change whose answer was lost may have been made: never more than one for each that was asked for.
  expect(all.length).toBeLessThanOrEqual(2 + made.length + failed + 1)
  await expect(health(page)).toContainText(`Running v${last.number} on 2 of 2 instances.`)
  await expect(connection(page)).toHaveText('Live')
  await expect.poll(async () => (await slipway.fetch('survivor')).headers.greeting).toBe('after the crash')
  await page.getByRole('link', { name: 'Config', exact: true }).click()
  await page.getByRole('button', { name: 'Reveal GREETING' }).click()
  await expect(page.getByText('after the crash')).toBeVisible()
  await document.expectSame()
})
