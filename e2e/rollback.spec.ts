import { expect } from '@playwright/test'
import { GREETER, NEVER_LISTENS, slowToBuild } from './support/apps.ts'
import { pathOf, refOf, test } from './support/fixtures.ts'
import { panel, releaseLine } from './support/pages.ts'

test.afterAll(({ slipway }) => slipway.clear())

test('rollback: the same image and the same config, without a build', async ({ page, slipway }) => {
  const repository = await slipway.deploy('back', GREETER)
  await slipway.api.config.update.mutate({ ...refOf('back'), set: { GREETING: 'Ada' }, unset: [] })
  repository.write({ 'server.js': `${GREETER['server.js']}\nconsole.log('another version')\n` })
  await repository.commit('Another version')
  expect(await slipway.push('back', repository)).toMatchObject({ code: 0 })
  await expect.poll(async () => (await slipway.api.app.get.query(refOf('back'))).servingRelease).toBe(3)
  repository.remove()

  await page.goto(pathOf('back', 'releases'))
  const release = (number: number) => releaseLine(page, number)
  await expect(release(3)).toContainText('Live')
  await page.getByRole('button', { name: 'Roll back to v1' }).click()
  await expect(page.getByRole('dialog')).toContainText('The same image and the same config as v1, without a build.')
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back to v1' }).click()
  await expect(release(4)).toContainText('Live')
  await expect(release(4)).toContainText('Live')
  await expect(release(3)).toContainText('Replaced')

  const releaseOf = (number: number) => slipway.api.release.get.query({ ...refOf('back'), release: number })
  const [first, third, fourth] = await Promise.all([releaseOf(1), releaseOf(3), releaseOf(4)])
  expect(first.image).toMatch(/@sha256:[0-9a-f]{64}$/)
  expect(third.image).not.toBe(first.image)
  expect(fourth).toMatchObject({ kind: 'rollback', rollbackOf: 1, image: first.image })
  expect((await slipway.api.build.list.query(refOf('back'))).items).toHaveLength(2)
  await expect.poll(async () => (await slipway.fetch('back')).headers.greeting).toBe('nobody')
  await page.getByRole('link', { name: 'Config', exact: true }).click()
  await expect(page.getByText('No config vars yet')).toBeVisible()
})

test('cancel: a running build ends, its push says who did it, what ran goes on', async ({ page, slipway }) => {
  const repository = await slipway.deploy('stopped', GREETER)
  repository.write(slowToBuild(60))
  await repository.commit('Takes a minute to build')
  await page.goto(pathOf('stopped'))
  const pushing = slipway.push('stopped', repository)
  await panel(page, /^Build #2: Takes a minute to build/)
    .getByRole('link', { name: 'Build log' })
    .click()
  await expect(page.getByRole('log', { name: 'Log of build 2' })).toContainText('tick 5')
  await page.getByRole('button', { name: 'Cancel build' }).click()
  const { code, output } = await pushing
  expect(code).not.toBe(0)
  expect(output).toContain('Cancelled by')
  expect(output).toContain('(build 2 was cancelled)')
  await expect(page.getByRole('button', { name: 'Cancel build' })).toHaveCount(0)
  await page.getByRole('link', { name: 'Builds', exact: true }).click()
  await expect(page.getByRole('listitem').filter({ hasText: 'Takes a minute to build' })).toContainText('Cancelled')
  await page.getByRole('link', { name: 'Overview' }).click()
  await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v1 on 1 of 1 instance.')
  repository.remove()
})

test('cancel: a rollout that gets nowhere ends, and the release before it is the wanted one', async ({
  page,
  slipway,
}) => {
  const repository = await slipway.deploy('halted', GREETER)
  repository.write(NEVER_LISTENS)
  await repository.commit('Forget to listen')
  expect(await slipway.release('halted', repository)).toMatchObject({ code: 0 })
  await page.goto(pathOf('halted'))
  await panel(page, /^v2: Deploy/)
    .getByRole('button', { name: 'Cancel', exact: true })
    .click()
  await expect(page.getByRole('region', { name: 'Health' })).toContainText('Running v1 on 1 of 1 instance.')
  await page.getByRole('link', { name: 'Releases', exact: true }).click()
  await expect(releaseLine(page, 2)).toContainText('Cancelled')
  expect((await slipway.fetch('halted')).status).toBe(200)
  repository.remove()
})
