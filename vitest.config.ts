import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { RETRIES, vitestFlaky } from './infra/testing/flaky.ts'

const packages = readdirSync(join(import.meta.dirname, 'packages')).map((name) => `packages/${name}`)

/** Builds container images for minutes: a lane of its own, `npm test -- images`. */
const IMAGES = 'infra/images/lane'

/** Plays what happened on a real cluster at its recorded times: it has the machine for itself, after the others. The long ones do not. */
const RECORDINGS = { root: 'packages/local-cluster', file: 'src/recordings.test.ts' }

const WITH_DATABASE = ['packages/db', 'apps/platform']
const START_POSTGRES = join(import.meta.dirname, 'packages/db/src/testing/global-setup.ts')

const project = (test: TestProjectInlineConfiguration['test']) => ({ extends: true as const, test })

/** One project a package, so that `npx vitest run --project kube` runs one room of the house. */
export default defineConfig({
  test: {
    projects: [
      ...[...packages, 'apps/platform', 'apps/cli', 'apps/console', 'apps/launcher', 'infra', IMAGES].map((root) =>
        project({
          name: root === IMAGES ? 'images' : basename(root),
          root,
          include: ['**/*.test.ts'],
          exclude: [
            '**/node_modules/**',
            ...(root === 'infra' ? ['images/lane/**'] : []),
            ...(root === RECORDINGS.root ? [RECORDINGS.file] : []),
          ],
          globalSetup: WITH_DATABASE.includes(root) ? START_POSTGRES : [],
        }),
      ),
      project({
        name: 'recordings',
        root: RECORDINGS.root,
        include: [RECORDINGS.file],
        sequence: { groupOrder: 1 },
        maxWorkers: 1,
      }),
    ],
    // Tests mostly wait: for processes, probes and recorded times.
    maxWorkers: availableParallelism() + 2,
    retry: RETRIES,
    reporters: ['default', vitestFlaky],
    // Only what hangs may fail: a machine that is busy with others is ten times slower.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
  },
})
