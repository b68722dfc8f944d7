// Generates the database client into packages/db/src/generated. Prisma would download its schema engine, which `generate`
// does not use: naming any existing executable in its place keeps it from trying.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../../..')
const require = createRequire(import.meta.url)
const cli = path.join(path.dirname(require.resolve('prisma/package.json')), 'build/index.js')
const noEngine = ['/bin/true', '/usr/bin/true'].find((file) => existsSync(file)) ?? process.execPath

const result = spawnSync(process.execPath, [cli, 'generate', '--schema', 'prisma/schema.prisma', '--no-hints'], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.env.PRISMA_SCHEMA_ENGINE_BINARY ?? noEngine,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  },
})
if (result.error) console.error(`prisma generate could not be started: ${result.error.message}`)
process.exit(result.status ?? 1)
