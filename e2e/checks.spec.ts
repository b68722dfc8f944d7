import { expect, type Page } from '@playwright/test'
import { GREETER } from './support/apps.ts'
import { pathOf, refOf, test } from './support/fixtures.ts'
import { expectAccessible, panel } from './support/pages.ts'

// Answers 500 to /broken, 200 to all else.
const SICK = {
  ...GREETER,
  'server.js': `
const http = require('node:http')
http.createServer((request, response) => {
  response.statusCode = request.url === '/broken' ? 500 : 200
  response.end('ok')
}).listen(process.env.PORT)
process.on('SIGTERM', () => process.exit(0))
`,
}

test.afterAll(({ slipway }) => slipway.clear())

async function openChecks(page: Page) {
  await page.goto(`${pathOf('sick')}/processes`)
  await page.getByRole('button', { name: 'Change checks of web' }).click()
  return page.getByRole('dialog', { name: 'Checks of web' })
}

test('a health check set on the page is a release; one that fails says path and status, and what served still does', async ({
  page,
  slipway,
}) => {
  const repository = await slipway.deploy('sick', SICK)
  repository.remove()
  const first = await openChecks(page)
  await first.getByLabel('Health check over HTTP').check()
  await expectAccessible(page, 'checks')
  await first.getByLabel('Path').fill('healthz')
  await expect(first.getByRole('alert')).toContainText('Enter a path such as /healthz')
  await expect(first.getByRole('button', { name: 'Save and release' })).toBeDisabled()
  await first.getByLabel('Path').fill('/healthz')
  await first.getByLabel('Interval').fill('1')
  await first.getByLabel('Stop timeout').fill('20')
  await first.getByRole('button', { name: 'Save and release' }).click()
  await expect(first).toBeHidden()
  await expect(panel(page, 'Processes')).toContainText(
    'Healthy when GET /healthz answers, asked every 1 s · 20 s to stop',
  )
  await page.goto(pathOf('sick'))
  await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v2', { timeout: 60_000 })

  const second = await openChecks(page)
  await second.getByLabel('Path').fill('/broken')
  await second.getByRole('button', { name: 'Save and release' }).click()
  await expect(second).toBeHidden()
  await page.goto(pathOf('sick'))
  await expect(page.getByRole('region', { name: 'Health' })).toContainText(
    /v3 is failing: the web process gets no requests: its health check GET \/broken answers 500.* v2 still serves\./,
    { timeout: 90_000 },
  )
  expect((await slipway.fetch('sick')).status).toBe(200)
})

test('a size is chosen by its name, on the page and in the dialog', async ({ page, slipway }) => {
  const repository = await slipway.deploy('sized', SICK)
  repository.remove()
  await page.goto(`${pathOf('sized')}/processes`)
  const size = page.getByRole('combobox', { name: 'Size of web' })
  await expect(size).toHaveText('micro')
  await size.click()
  await page.getByRole('option', { name: 'small' }).click()
  await expect(page.getByRole('spinbutton', { name: 'Memory of web in MiB' })).toHaveValue('512')
  await page.getByRole('button', { name: 'Apply' }).click()
  const web = async () => (await slipway.api.app.get.query(refOf('sized'))).processes[0]
  await expect.poll(web).toMatchObject({ cpuMillis: 250, memoryMiB: 512, instances: 1 })
  await page.keyboard.press('Control+k')
  const palette = page.getByRole('dialog', { name: 'Find a page or an action' })
  await palette.getByRole('combobox').fill('scale web')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Scale web' })
  await dialog.getByRole('combobox', { name: 'Size of web' }).click()
  await page.getByRole('option', { name: 'nano' }).click()
  await dialog.getByRole('button', { name: 'Scale', exact: true }).click()
  await expect(dialog).toBeHidden()
  await expect.poll(web).toMatchObject({ cpuMillis: 50, memoryMiB: 128 })
})
