import { defineConfig } from 'vitest/config'

/** One project a package, so that `npx vitest run --project kube` runs one room of the house. */
export default defineConfig({
  test: {
    projects: ['packages/*', 'apps/platform', 'apps/cli', 'apps/launcher'].map((root) => ({
      extends: true as const,
      test: { root, include: ['**/*.test.ts'], exclude: ['**/node_modules/**'] },
    })),
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
