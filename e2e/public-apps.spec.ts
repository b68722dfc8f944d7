import path from 'node:path'
import { expect } from '@playwright/test'
import { pathOf, refOf, test } from './support/fixtures.ts'
import { createRepository } from './support/git.ts'
import { ROOT } from './support/installation.ts'

test.afterAll(({ slipway }) => slipway.clear())

// Apps as they are found in public, with nothing in them for Slipway.
for (const [app, folder] of [
  ['express', 'packages/builder/test-data/express'],
  ['site', 'packages/builder/test-data/site'],
] as const) {
  test(`${app}: an app that was not written for Slipway is pushed unchanged, and opens`, async ({ page, slipway }) => {
    const repository = await createRepository(path.join(ROOT, folder))
    await slipway.api.app.create.mutate({ ...refOf(app), source: { kind: 'git' } })
    expect(await slipway.push(app, repository)).toMatchObject({ code: 0 })
    repository.remove()
    await page.goto(pathOf(app))
    await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v1 on 1 of 1 instance.')
    const answer = await page.goto(slipway.addressOf(app))
    expect(answer?.status()).toBe(200)
    await expect(page.locator('body')).not.toBeEmpty()
  })
}
