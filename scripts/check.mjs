// `npm run check`: everything that reads the code without running it. One line a tool; the output of what fails.
import path from 'node:path'
import { prepare } from './lib/prepare.mjs'
import { root, run } from './lib/steps.mjs'

/** @type {[name: string, script: string, ...args: string[]][]} */
const CHECKS = [
  ['biome', '@biomejs/biome/bin/biome', 'check', '.', '--max-diagnostics=50'],
  ['typescript', 'typescript/bin/tsc', '-p', 'tsconfig.json'],
  ['typescript (console)', 'typescript/bin/tsc', '-p', 'apps/console/tsconfig.json'],
  ['typescript (browser tests)', 'typescript/bin/tsc', '-p', 'e2e/tsconfig.json'],
  [
    'boundaries',
    'dependency-cruiser/bin/dependency-cruiser.mjs',
    '--config',
    '.dependency-cruiser.mjs',
    'apps',
    'packages',
  ],
  ['compose file', 'dclint/bin/dclint.cjs', 'docker-compose.yml'],
  ['knip', 'knip/bin/knip.js'],
  ['lock files', '../scripts/lib/check-lock.mjs'],
]

/** Runs all checks, two at a time; true when every one passed. */
export async function check({ node, env }) {
  const queue = [...CHECKS]
  let passed = true
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [name, script, ...args] = next
      const startedAt = Date.now()
      try {
        await run(node, [path.resolve(root, 'node_modules', script), ...args], { env })
        console.log(`  ok    ${name} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`)
      } catch (error) {
        passed = false
        console.error(`  FAIL  ${name}\n${error.message}`)
      }
    }
  }
  await Promise.all([worker(), worker()])
  return passed
}

if (import.meta.filename === process.argv[1] || process.argv[1]?.endsWith('scripts/check.mjs')) {
  process.exit((await check(await prepare('test'))) ? 0 : 1)
}
