import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'

const ROOT = path.resolve(import.meta.dirname, '../..')

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          meta: z.object({ figure: z.string().optional() }).optional(),
        }),
      ),
    }),
  ),
})

export interface TestRun {
  /** Below the root. */
  file: string
  name: string
  passed: boolean
  /** What the test measured, in words; null: nothing. */
  figure: string | null
}

/** Runs test files of the repository and answers every test that ran. Throws where they could not be run. */
export async function runTests(files: readonly string[]): Promise<TestRun[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'slipway-attacks-'))
  const report = path.join(dir, 'report.json')
  try {
    const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...files]
    await new Promise<void>((resolve, reject) => {
      const child = spawn(process.execPath, [path.join(ROOT, 'node_modules/vitest/vitest.mjs'), ...args], {
        cwd: ROOT,
        // The table alone goes to stdout.
        stdio: ['ignore', process.stderr.fd, process.stderr.fd],
      })
      child.on('error', reject)
      child.on('exit', () => resolve())
    })
    const { testResults } = reportSchema.parse(JSON.parse(await readFile(report, 'utf8')))
    return testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'passed' || status === 'failed')
        .map(({ fullName, status, meta }) => ({
          file: path.relative(ROOT, name),
          name: fullName,
          passed: status === 'passed',
          figure: meta?.figure ?? null,
        })),
    )
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
