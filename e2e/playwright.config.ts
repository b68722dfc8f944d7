import { defineConfig } from '@playwright/test'

/** Debian's Chromium; the flags keep it off the network and work as root and in small /dev/shm. */
const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
]

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
    launchOptions: { executablePath: process.env.SLIPWAY_CHROMIUM ?? '/usr/bin/chromium', args: CHROMIUM_ARGS },
  },
})
