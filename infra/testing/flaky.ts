// Tests that failed once and passed when `.ci/run` ran them again. Each is a bug: `npm test` ends with the list.
import { appendFileSync } from 'node:fs'
import path from 'node:path'
import type { Reporter as PlaywrightReporter, TestCase as PlaywrightTest } from '@playwright/test/reporter'
import type { Reporter as VitestReporter } from 'vitest/node'

const ROOT = path.resolve(import.meta.dirname, '../..')

/** How often a failed test is run again: 0 but in `.ci/run`. */
export const RETRIES = Number(process.env.SLIPWAY_TEST_RETRIES ?? 0)
/** Where scripts/test.mjs collects the list. */
const LIST = process.env.SLIPWAY_FLAKY_LIST

function report(file: string, test: string): void {
  if (LIST) appendFileSync(LIST, `FLAKY: ${path.relative(ROOT, file)}, ${test}\n`)
}

/** For the reporters of vitest. */
export const vitestFlaky: VitestReporter = {
  onTestCaseResult(test) {
    if (test.diagnostic()?.flaky) report(test.module.moduleId, test.fullName)
  },
}

/** For the reporters of Playwright, which loads it by its path. */
export default class PlaywrightFlaky implements PlaywrightReporter {
  onTestEnd(test: PlaywrightTest): void {
    if (test.outcome() === 'flaky') report(test.location.file, test.titlePath().slice(3).join(' > '))
  }

  printsToStdio(): boolean {
    return false
  }
}
