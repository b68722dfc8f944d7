// Runs on the machine's own Node (20.19 or newer) before anything is installed: plain JavaScript, Node's own modules only.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { FETCHED_NODE, fetchNode, installPackages, linkNode } from './install.mjs'
import { fail, hashOf, once, root, run } from './steps.mjs'

/** The oldest Node that runs the TypeScript of this repository as it is. */
const TYPESCRIPT_NODE = [22, 19]

const atLeast = (version, [major, minor]) => {
  const [haveMajor, haveMinor] = version.replace(/^v/, '').split('.').map(Number)
  return haveMajor > major || (haveMajor === major && haveMinor >= minor)
}

const isNewEnough = atLeast(process.version, TYPESCRIPT_NODE)

function checkMachine() {
  if (process.platform === 'win32') fail('Windows is not supported. Use WSL 2, where it runs as on Linux.')
  if (!atLeast(process.version, [20, 19])) fail(`Node ${process.version} is too old. Install Node 20.19 or newer.`)
  if (spawnSync('git', ['--version']).status !== 0) fail('git was not found. Install git and try again.')
}

/** The Node that runs TypeScript: this one where it is new enough, else the one that was fetched for the clone. */
function chooseNode() {
  if (isNewEnough) return process.execPath
  const fetched = path.join(FETCHED_NODE, 'bin/node')
  const version = existsSync(fetched) ? spawnSync(fetched, ['--version'], { encoding: 'utf8' }).stdout?.trim() : ''
  if (version && atLeast(version, TYPESCRIPT_NODE)) return fetched
  return fail(
    `Node ${TYPESCRIPT_NODE.join('.')} or newer is needed: this is ${process.version}, and npm has none to fetch for ${process.platform}-${process.arch}.`,
  )
}

/** What runs the repository's tools on a Node. */
export const toolsOf = (node) => ({ node, env: toolEnvironment(node) })

/** The environment in which every tool of the repository runs: its Node first, and no tool that phones home. */
function toolEnvironment(node) {
  return {
    ...process.env,
    PATH: [path.dirname(node), path.join(root, 'node_modules/.bin'), process.env.PATH].join(path.delimiter),
    NEXT_TELEMETRY_DISABLED: '1',
  }
}

/**
 * Brings a clone to where it can run: dependencies, the Node that runs TypeScript, the database client. Each part is
 * skipped when nothing it depends on has changed.
 * @param kind `start` for what Slipway needs to run, `test` for all
 */
export async function prepare(kind) {
  checkMachine()
  await Promise.all([installPackages(kind), isNewEnough ? null : fetchNode()])
  linkNode()
  const tools = toolsOf(chooseNode())
  await once(
    path.join(root, 'node_modules/.slipway-generated'),
    hashOf(['prisma/schema.prisma', 'packages/db/scripts', 'package.json']),
    'Generating the database client',
    async () => {
      await run(tools.node, ['packages/db/scripts/generate.mjs'], { env: tools.env })
    },
  )
  await Promise.all([packCli(tools), compileBuilder(tools), kind === 'start' ? compileParts(tools) : null])
  return tools
}

/** Packs the command line, which the platform serves. */
const packCli = (tools) =>
  once(
    path.join(root, 'apps/cli/dist/.slipway-packed'),
    hashOf([
      'apps/cli/src',
      'apps/cli/package.json',
      'packages/domain/src',
      'package-lock.json',
      'apps/cli/scripts/pack.mjs',
    ]),
    'Packing the command line',
    async () => {
      await run(tools.node, ['--disable-warning=ExperimentalWarning', 'apps/cli/scripts/pack.mjs'], { env: tools.env })
    },
  )

/** Where builds on the local cluster find the builder compiled: each would take half a second to do it again. */
const BUILDER_CACHE = path.join(root, 'node_modules/.cache/slipway-builder')
/** Who builds run as where the cluster is root. */
const BUILD_UID = 1000

/** Has Node compile the builder, for each user that may run it: Node keeps what it compiled by the user's number. */
const compileBuilder = (tools) =>
  once(
    path.join(BUILDER_CACHE, '.slipway-compiled'),
    hashOf(
      ['packages/builder/src', 'packages/domain/src', 'package-lock.json', 'scripts/node/package-lock.json'],
      tools.node,
    ),
    'Compiling the builder',
    async () => {
      rmSync(BUILDER_CACHE, { recursive: true, force: true })
      // Loads all of it, then ends: there is nothing to build.
      const load =
        "await import('./packages/builder/src/build-source.ts'); await import('./packages/builder/src/main.ts').catch(() => undefined); process.exitCode = 0"
      const env = { ...tools.env, NODE_COMPILE_CACHE: BUILDER_CACHE }
      await run(tools.node, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', load], { env })
      if (process.getuid?.() !== 0) return
      for (const name of readdirSync(BUILDER_CACHE)) {
        const copy = path.join(BUILDER_CACHE, name.replace(/-0$/, `-${BUILD_UID}`))
        if (copy !== path.join(BUILDER_CACHE, name)) cpSync(path.join(BUILDER_CACHE, name), copy, { recursive: true })
        for (const file of readdirSync(copy)) chmodSync(path.join(copy, file), 0o644)
      }
    },
  )

/** Where Node keeps what it compiled of the parts; `apps/launcher/src/parts.ts` names it to them. */
export const PARTS_CACHE = path.join(root, 'node_modules/.cache/slipway')
const PARTS = ['apps/launcher', 'apps/platform', 'packages/local-cluster']

/**
 * Has Node compile the parts, so that none of them loads the TypeScript compiler. Modules are linked, and with that compiled, before the
 * first is evaluated, which ends the process.
 */
const compileParts = (tools) =>
  once(
    path.join(PARTS_CACHE, '.slipway-compiled'),
    hashOf([...PARTS.map((part) => `${part}/src`), 'packages', 'package-lock.json'], tools.node),
    'Compiling Slipway',
    async () => {
      const files = [...PARTS.map((part) => `${part}/src/main.ts`), 'apps/launcher/src/exit-with-parent.ts']
      const imports = ['data:text/javascript,process.exit(0)', ...files.map((file) => `./${file}`)]
      const load = imports.map((file) => `import ${JSON.stringify(file)}`).join(';')
      const env = { ...tools.env, NODE_COMPILE_CACHE: PARTS_CACHE }
      await run(tools.node, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', load], { env })
    },
  )

/** Builds the console when its sources have changed since the last build. */
export async function buildConsole({ node, env }) {
  const sources = ['package-lock.json', 'apps/console', 'packages/domain/src', 'apps/platform/src/api']
  await once(
    path.join(root, 'apps/console/.next/.slipway-built'),
    hashOf(sources),
    'Building the console',
    async () => {
      await run(node, [path.join(root, 'node_modules/next/dist/bin/next'), 'build'], {
        cwd: path.join(root, 'apps/console'),
        env: { ...env, NODE_ENV: 'production' },
      })
    },
  )
}
