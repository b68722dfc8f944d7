import { expect } from '@playwright/test'
import { GREETER } from './support/apps.ts'
import { pathOf, test } from './support/fixtures.ts'

test.afterAll(({ slipway }) => slipway.clear())

test('100,000 lines: at the tail first, few of them drawn, and the page goes on answering', async ({
  page,
  slipway,
}) => {
  const repository = await slipway.deploy('chatty', GREETER)
  repository.remove()
  await page.goto(pathOf('chatty', 'logs'))
  const log = page.getByRole('log', { name: 'Log of chatty' })
  await expect(log).toContainText('greeter listens')
  const drawn = () => log.locator('[data-index]').count()

  for (let burst = 1; burst <= 10; burst++) {
    await slipway.fetch('chatty', '/lines/10000')
    await slipway.fetch('chatty', `/log/burst-${burst}-is-over`)
    await expect(log).toContainText(`burst-${burst}-is-over`)
    expect(await drawn()).toBeLessThan(200)
  }
  // What is read stays in place while more comes, and the way back is one click.
  await log.evaluate((element) => element.scrollTo({ top: 0 }))
  await expect(page.getByRole('button', { name: 'Jump to newest' })).toBeVisible()
  await expect(log).not.toContainText('burst-10-is-over')
  expect(await drawn()).toBeLessThan(200)
  await page.getByRole('searchbox', { name: 'Search in the log' }).fill('burst-7-is-over')
  await expect(page.getByRole('search').getByRole('status')).toHaveText(/^1 match/)
  await page.getByRole('searchbox', { name: 'Search in the log' }).fill('')
  await page.getByRole('button', { name: 'Jump to newest' }).click()
  await expect(log).toContainText('burst-10-is-over')

  // Opened anew it begins at the tail.
  await page.reload()
  await expect(log).toContainText('burst-10-is-over')
  expect(await drawn()).toBeLessThan(200)
})
