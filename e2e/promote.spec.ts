import { expect } from '@playwright/test'
import { untilHealthy } from './support/api.ts'
import { GREETER } from './support/apps.ts'
import { pathOf, refOf, test } from './support/fixtures.ts'
import { expectAccessible, expectNarrow, releaseLine } from './support/pages.ts'

const STAGING = { team: 'acme', project: 'shop', environment: 'promotions' } as const

test.afterAll(async ({ slipway }) => {
  await slipway.clear()
  await slipway.api.environment.delete.mutate({ ...STAGING, confirm: STAGING.environment })
})

test('promote: from a release to a new sibling, and from the project back to production', async ({ page, slipway }) => {
  test.slow()
  const { api } = slipway
  await api.environment.create.mutate({ ...STAGING, kind: 'staging' })
  const repository = await slipway.deploy('promoted', GREETER)
  repository.remove()
  await api.config.update.mutate({ ...refOf('promoted'), set: { GREETING: 'Ada' }, unset: [] })
  await untilHealthy(api, refOf('promoted'), 2)

  await page.goto(pathOf('promoted', 'releases'))
  await releaseLine(page, 2).getByRole('button', { name: 'Promote v2 of promoted in production' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('promotions has no app promoted yet.')
  await expect(dialog).toContainText('GREETING')
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 })
    await expectAccessible(page, `promote at ${width} px`)
  }
  await expectNarrow(page, 'promote')
  await page.setViewportSize({ width: 1440, height: 900 })
  await dialog.getByRole('button', { name: 'Promote to promotions' }).click()
  await expect(page).toHaveURL(pathOf('promoted', undefined, STAGING))
  await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v1 on 1 of 1 instance.')
  expect((await api.build.list.query(refOf('promoted', STAGING))).items).toEqual([])

  await page.goto('/acme/shop')
  await page.getByRole('button', { name: 'Promote v1 of promoted in promotions to production' }).click()
  await expect(dialog.getByRole('region', { name: 'Image' })).toContainText('The same image.')
  await expectAccessible(page, 'the project')
  await dialog.getByRole('button', { name: 'Promote to production' }).click()
  await expect(page).toHaveURL(pathOf('promoted'))
  await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v3 on 1 of 1 instance.')
  await page.getByRole('link', { name: 'Releases', exact: true }).click()
  await expect(releaseLine(page, 3)).toContainText('Promote v1 of promotions')
})
