import { defineConfig } from '@playwright/test'
import { RETRIES } from '../infra/testing/flaky.ts'
import { CHROMIUM } from './support/chromium.ts'

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../test-results',
  // An installation each. They mostly wait: for builds, probes and time outs.
  workers: 2,
  fullyParallel: false,
  timeout: 120_000,
  retries: RETRIES,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['../infra/testing/flaky.ts']],
  use: {
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: CHROMIUM,
  },
})
