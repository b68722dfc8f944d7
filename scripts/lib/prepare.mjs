// Runs on the machine's own Node (20.19 or newer) before anything is installed: plain JavaScript, Node's own modules only.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/** The oldest Node that runs the TypeScript of this repository as it is. */
const TYPESCRIPT_NODE = [22, 19]

/** Ends the command with one line that says what is wrong. */
export function fail(message) {
  console.error(`slipway: ${message}`)
  process.exit(1)
}

const atLeast = (version, [major, minor]) => {
  const [haveMajor, haveMinor] = version.replace(/^v/, '').split('.').map(Number)
  return haveMajor > major || (haveMajor === major && haveMinor >= minor)
}

/** Prints a step and, when it ends, how long it took. */
async function step(title, work) {
  const startedAt = Date.now()
  process.stdout.write(`  ${title} …\n`)
  const result = await work()
  process.stdout.write(`  ${title}: done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`)
  return result
}

/** Runs a command whose output is shown only when it fails. Rejects with the output's end. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let output = ''
    const keep = (chunk) => {
      output = (output + chunk).slice(-16_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', reject)
    child.on('close', (code, signal) =>
      code === 0
        ? resolve(output)
        : reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? `code ${code}`}\n${output}`)),
    )
  })
}

/** SHA-256 over the names and contents of files and folders, without what is generated. */
function hashOf(entries, extra = '') {
  const hash = createHash('sha256').update(extra)
  const visit = (entry) => {
    if (!existsSync(entry)) return
    if (statSync(entry).isDirectory()) {
      for (const name of readdirSync(entry).sort()) {
        if (!['node_modules', '.next', 'generated', 'next-env.d.ts', 'tsconfig.tsbuildinfo'].includes(name))
          visit(path.join(entry, name))
      }
      return
    }
    hash.update(path.relative(root, entry)).update('\0').update(readFileSync(entry)).update('\0')
  }
  for (const entry of entries) visit(path.join(root, entry))
  return hash.digest('hex')
}

/** Runs `work` unless the stamp file says that it has been done for the same inputs. */
async function once(stampFile, hash, title, work) {
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) return
  await step(title, work)
  mkdirSync(path.dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, hash)
}

function checkMachine() {
  if (process.platform === 'win32') fail('Windows is not supported. Use WSL 2, where it runs as on Linux.')
  if (!atLeast(process.version, [20, 19])) fail(`Node ${process.version} is too old. Install Node 20.19 or newer.`)
  if (spawnSync('git', ['--version']).status !== 0) fail('git was not found. Install git and try again.')
}

/** The Node that runs TypeScript: this one where it is new enough, else the one that npm installed here. */
function chooseNode() {
  if (atLeast(process.version, TYPESCRIPT_NODE)) return process.execPath
  const packaged = path.join(root, 'node_modules/node/bin/node')
  const version = existsSync(packaged) ? spawnSync(packaged, ['--version'], { encoding: 'utf8' }).stdout?.trim() : ''
  if (version && atLeast(version, TYPESCRIPT_NODE)) return packaged
  return fail(
    `Node ${TYPESCRIPT_NODE.join('.')} or newer is needed: this is ${process.version}, and no packaged Node could be installed for ${process.platform}-${process.arch}.`,
  )
}

/** The environment in which every tool of the repository runs: its Node first, and no tool that phones home. */
function toolEnvironment(node) {
  return {
    ...process.env,
    PATH: [path.dirname(node), path.join(root, 'node_modules/.bin'), process.env.PATH].join(path.delimiter),
    PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
    NEXT_TELEMETRY_DISABLED: '1',
  }
}

/**
 * Brings a clone to where it can run: dependencies, the Node that runs TypeScript, the database client. Each part is
 * skipped when nothing it depends on has changed.
 */
export async function prepare() {
  checkMachine()
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  await once(
    path.join(root, 'node_modules/.slipway-installed'),
    hashOf(['package-lock.json']),
    'Installing dependencies',
    () =>
      run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
        env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', PRISMA_SKIP_POSTINSTALL_GENERATE: '1' },
      }),
  )
  const node = chooseNode()
  const env = toolEnvironment(node)
  await once(
    path.join(root, 'node_modules/.slipway-generated'),
    hashOf(['prisma/schema.prisma', 'packages/db/scripts', 'packages/db/package.json']),
    'Generating the database client',
    () => run(node, ['packages/db/scripts/generate.mjs'], { env }),
  )
  return { node, env }
}

/** Builds the console when its sources have changed since the last build. */
export async function buildConsole({ node, env }) {
  const sources = ['package-lock.json', 'apps/console', 'packages/domain/src', 'apps/platform/src/api']
  await once(path.join(root, 'apps/console/.next/.slipway-built'), hashOf(sources), 'Building the console', () =>
    run(node, [path.join(root, 'node_modules/next/dist/bin/next'), 'build'], {
      cwd: path.join(root, 'apps/console'),
      env: { ...env, NODE_ENV: 'production' },
    }),
  )
}
