// Packs the command line into one file that needs nothing but Node: `npm install --global <file>`, or unpacked as it is. The platform
// serves it, so that nobody has to fetch a package of that name from anywhere else.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** The oldest Node that has all that the command line uses (WebSocket). */
const NODE = 22

const root = path.resolve(import.meta.dirname, '../../..')
const target = path.resolve(root, process.argv[2] ?? 'apps/cli/dist/slipway-cli.tgz')
const stage = mkdtempSync(path.join(tmpdir(), 'slipway-cli-'))

/** Copies a folder of TypeScript as JavaScript: Node refuses types below node_modules, where npm puts packages. */
function copyStripped(from, to) {
  for (const entry of readdirSync(from, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.endsWith('.test.ts')) continue
    const file = path.join(entry.parentPath, entry.name)
    const script = path.join(to, path.relative(from, file)).replace(/\.ts$/, '.js')
    mkdirSync(path.dirname(script), { recursive: true })
    const code = stripTypeScriptTypes(readFileSync(file, 'utf8'))
    writeFileSync(script, code.replace(/(from\s+|import\s*\(?\s*)'(\.{1,2}\/[^']+)\.ts'/g, "$1'$2.js'"))
  }
}

function run(command, args) {
  const { status, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw error ?? new Error(`${command} ${args[0]} ended with ${status}: ${stderr}`)
}

const manifestOf = (folder) => JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'))

function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
}

function writeCommand(to) {
  mkdirSync(path.dirname(to), { recursive: true })
  const code = `#!/usr/bin/env node
const major = Number(process.versions.node.split('.')[0])
if (major < ${NODE}) {
  console.error('slipway: Node ${NODE} or newer is needed, and this is ' + process.version + '.')
  process.exit(1)
}
const { start } = await import('../src/main.js')
await start()
`
  writeFileSync(to, code, { mode: 0o755 })
}

function pack() {
  const out = path.join(stage, 'out')
  run(process.execPath, ['infra/images/production.ts', '@slipway/cli', out])
  const to = path.join(stage, 'package')
  for (const folder of ['node_modules', 'apps/cli/node_modules']) {
    const from = path.join(out, 'dependencies', folder)
    if (existsSync(from)) cpSync(from, path.join(to, 'node_modules'), { recursive: true })
  }
  rmSync(path.join(to, 'node_modules/@slipway'), { recursive: true, force: true }) // Links to our own folders.
  copyStripped(path.join(root, 'apps/cli/src'), path.join(to, 'src'))
  const domain = path.join(to, 'node_modules/@slipway/domain')
  copyStripped(path.join(root, 'packages/domain/src'), path.join(domain, 'src'))
  const { name, version, exports } = manifestOf('packages/domain')
  const scripts = Object.fromEntries(Object.entries(exports).map(([key, file]) => [key, file.replace(/\.ts$/, '.js')]))
  writeJson(path.join(domain, 'package.json'), { name, version, type: 'module', exports: scripts })
  const cli = manifestOf('apps/cli')
  writeJson(path.join(to, 'package.json'), {
    name: cli.name,
    version: cli.version,
    description: 'Deploy and run apps on Slipway.',
    license: cli.license,
    type: 'module',
    engines: { node: `>=${NODE}` },
    bin: { slipway: 'bin/slipway.js' },
    dependencies: cli.dependencies,
    bundleDependencies: Object.keys(cli.dependencies),
  })
  writeCommand(path.join(to, 'bin/slipway.js'))
  if (existsSync(path.join(root, 'LICENSE'))) cpSync(path.join(root, 'LICENSE'), path.join(to, 'LICENSE'))
  mkdirSync(path.dirname(target), { recursive: true })
  run('tar', ['--create', '--gzip', '--file', target, '--directory', stage, 'package'])
}

try {
  pack()
} finally {
  rmSync(stage, { recursive: true, force: true })
}
