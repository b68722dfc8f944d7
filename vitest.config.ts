import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { defineConfig } from 'vitest/config'

const packages = readdirSync(join(import.meta.dirname, 'packages')).map((name) => `packages/${name}`)

/** Builds container images for minutes: a lane of its own, `npm test -- images`. */
const IMAGES = 'infra/images/lane'

/** One project a package, so that `npx vitest run --project kube` runs one room of the house. */
export default defineConfig({
  test: {
    projects: [...packages, 'apps/platform', 'apps/cli', 'apps/console', 'apps/launcher', 'infra', IMAGES].map(
      (root) => ({
        extends: true as const,
        test: {
          name: root === IMAGES ? 'images' : basename(root),
          root,
          include: ['**/*.test.ts'],
          exclude: ['**/node_modules/**', ...(root === 'infra' ? ['images/lane/**'] : [])],
        },
      }),
    ),
    // On a machine that is busy with others a time-out may be met once; the report says which test was run again.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
