import { expect } from '@playwright/test'
import { test } from './support/fixtures.ts'
import { panel } from './support/pages.ts'

test.afterAll(({ slipway }) => slipway.clear())

test('an image that the local cluster can not run: what it can run, and how to connect a real cluster', async ({
  page,
}) => {
  await page.goto('/new?team=acme&project=shop&environment=production')
  await page.getByRole('radio', { name: 'An image' }).click()
  await page.getByLabel('Image', { exact: true }).fill('Not An Image')
  await page.getByLabel('App name').fill('imaged')
  await page.getByRole('button', { name: 'Create and deploy' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'This is not an image reference.' })).toBeVisible()
  await page.getByLabel('Image', { exact: true }).fill('ghcr.io/acme/shop:1.4.2')
  await page.getByRole('button', { name: 'Create and deploy' }).click()

  await expect(page.getByRole('heading', { level: 1, name: 'imaged' })).toBeVisible()
  await expect(panel(page, 'Instances')).toContainText(/ErrImagePull|ImagePullBackOff/)
  const health = page.getByRole('region', { name: 'Health' })
  await expect(health).toContainText('image ghcr.io/acme/shop:1.4.2')
  await expect(health).toContainText('The local cluster runs apps that were pushed with git')
  await expect(page.getByRole('region', { name: "Why isn't it live?" })).toContainText(
    'Push source for Slipway to build, or connect a Kubernetes cluster with KUBECONFIG to run any image.',
  )
})
