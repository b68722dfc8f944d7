import { defineConfig } from '@playwright/test'
import { CHROMIUM } from './support/chromium.ts'

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../test-results',
  // One whole installation at a time: the machine is small and the specs measure real time outs.
  workers: 1,
  fullyParallel: false,
  timeout: 120_000,
  // On a machine that is busy with others a spec may meet a time-out once; it is then listed as flaky, and is ours to mend.
  retries: process.env.CI ? 1 : 0,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: CHROMIUM,
  },
})
