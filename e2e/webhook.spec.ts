import { createHmac, randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import path from 'node:path'
import { expect, type Page } from '@playwright/test'
import { startRepositoryServer } from '../apps/platform/test/repository-server.ts'
import { GREETER } from './support/apps.ts'
import { pathOf, test } from './support/fixtures.ts'
import { createRepository } from './support/git.ts'
import { alertOn, panel } from './support/pages.ts'

/** Payloads as GitHub publishes them. */
const EXAMPLES: { name: string; examples: Record<string, unknown>[] }[] = createRequire(import.meta.url)(
  '@octokit/webhooks-examples/api.github.com/index.json',
)
const PUSH = EXAMPLES.find(({ name }) => name === 'push')?.examples[0]

test.use({ permissions: ['clipboard-read', 'clipboard-write'] })

test.afterAll(({ slipway }) => slipway.clear())

test('a push to the connected repository becomes a build and a release; a forged one is listed with the reason', async ({
  page,
  slipway,
}) => {
  const repository = await createRepository({ ...GREETER })
  const host = await startRepositoryServer(path.dirname(repository.dir), null)
  try {
    const made = await slipway.newApp('hooked', GREETER)
    made.remove()
    await page.goto(pathOf('hooked', 'settings'))
    await page.getByLabel('Repository', { exact: true }).fill('git@github.com:acme/shop.git')
    await page.getByRole('button', { name: 'Connect repository' }).click()
    await expect(alertOn(page)).toContainText('Enter the http(s) address to clone from.')
    await page.getByLabel('Repository', { exact: true }).fill(`${host.url}/${path.basename(repository.dir)}/.git`)
    await page.getByRole('button', { name: 'Connect repository' }).click()
    await expect(panel(page, 'Deliveries')).toContainText('Nothing has been delivered yet.')
    const address = await copied(page, 'Copy webhook address')
    const secret = await copied(page, 'Copy webhook secret')
    expect(address).toMatch(`${slipway.url}/hooks/`)

    const commit = (await repository.git('rev-parse', 'HEAD')).output.trim()
    const body = JSON.stringify({ ...PUSH, ref: 'refs/heads/main', after: commit, deleted: false })
    const send = (id: string, key: string) =>
      fetch(address, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-github-event': 'push',
          'x-github-delivery': id,
          'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(body).digest('hex')}`,
        },
        body,
      }).then(({ status }) => status)
    const delivery = (id: string) => panel(page, 'Deliveries').getByRole('listitem').filter({ hasText: id })
    const [forged, genuine] = [randomUUID(), randomUUID()]

    expect(await send(forged, 'not the secret')).toBe(401)
    await expect(delivery(forged)).toContainText('Rejected')
    await expect(delivery(forged)).toContainText(/signature/i)

    expect(await send(genuine, secret)).toBe(202)
    await expect(delivery(genuine)).toContainText(commit.slice(0, 7))
    await expect(delivery(genuine)).toContainText('Built')
    await expect(delivery(genuine).getByRole('link', { name: 'v1' })).toBeVisible()
    expect(await send(genuine, secret)).toBe(200)
    await expect(delivery(genuine)).toHaveCount(1)

    await delivery(genuine).getByRole('link', { name: 'build #1' }).click()
    await expect(page.getByText(/, by webhook/)).toBeVisible()
    await expect(page.getByRole('log', { name: 'Log of build 1' })).toContainText('Node.js app detected')
    await page.getByRole('link', { name: 'Overview' }).click()
    await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v1')
    await page.getByRole('link', { name: 'Releases', exact: true }).click()
    await expect(page.getByRole('listitem').filter({ hasText: /^v\d/ })).toHaveCount(1)
    await page.getByRole('link', { name: 'Builds', exact: true }).click()
    await expect(page.getByRole('listitem').filter({ hasText: /^#\d/ })).toHaveCount(1)
  } finally {
    await host.stop()
    repository.remove()
  }
})

async function copied(page: Page, button: string): Promise<string> {
  await page.getByRole('button', { name: button }).click()
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible()
  const text = await page.evaluate(() => navigator.clipboard.readText())
  await expect(page.getByRole('button', { name: 'Copied' })).toHaveCount(0)
  return text
}
