import { expect } from '@playwright/test'
import { test } from './support/fixtures.ts'
import { panel } from './support/pages.ts'

test.afterAll(({ slipway }) => slipway.clear())

test('an image that cannot be had: which registry, and what to do', async ({ page }) => {
  await page.goto('/new?team=acme&project=shop&environment=production')
  await page.getByRole('radio', { name: 'An image' }).click()
  await page.getByLabel('Image', { exact: true }).fill('Not An Image')
  await page.getByLabel('App name').fill('imaged')
  await page.getByRole('button', { name: 'Create and deploy' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'This is not an image reference.' })).toBeVisible()
  await page.getByLabel('Image', { exact: true }).fill('127.0.0.1:9/acme/shop:1.4.2')
  await page.getByRole('button', { name: 'Create and deploy' }).click()

  await expect(page.getByRole('heading', { level: 1, name: 'imaged' })).toBeVisible()
  await expect(panel(page, 'Processes')).toContainText(/Image not (found|pulled)/)
  const health = page.getByRole('region', { name: 'Health' })
  await expect(health).toContainText('image 127.0.0.1:9/acme/shop:1.4.2')
  // Without an OCI runtime no image of elsewhere runs, whatever its registry says.
  await expect(health).toContainText(
    /The registry 127\.0\.0\.1:9 cannot be reached|The local cluster runs apps that were pushed/,
  )
  await expect(page.getByRole('region', { name: "Why isn't it live?" })).toContainText(
    /Check the name of the image, and that the cluster can reach its registry|connect a Kubernetes cluster with KUBECONFIG/,
  )
})
