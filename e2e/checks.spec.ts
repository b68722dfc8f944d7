import { expect, type Page } from '@playwright/test'
import { GREETER } from './support/apps.ts'
import { pathOf, test } from './support/fixtures.ts'
import { panel } from './support/pages.ts'

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
