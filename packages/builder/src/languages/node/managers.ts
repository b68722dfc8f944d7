import path from 'node:path'
import semver from 'semver'
import { BuildFailure } from '../../failure.ts'
import { isFile, readText } from '../../files.ts'
import type { BuildContext } from '../../plan.ts'
import { outputOf } from '../../tool.ts'
import type { Manifest } from './manifest.ts'
import { installTool, type NpmTool } from './tools.ts'

export type ManagerName = 'npm' | 'pnpm' | 'yarn' | 'bun'

/** A package manager of a certain version, ready to run. */
export interface Manager {
  name: ManagerName
  /** As the log says it: `pnpm 10.2.0`. */
  title: string
  lockfile: string | null
  /** Arguments that install all dependencies, as the lockfile has them. */
  install: string[]
  env: Record<string, string>
  /** Where it was installed; null for the npm that is here anyway. */
  tool: NpmTool | null
}

const LOCKFILES: Record<string, ManagerName> = {
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
}
const BUN_PACKAGES: Record<string, string> = { x64: '@oven/bun-linux-x64', arm64: '@oven/bun-linux-aarch64' }

/** What is wanted of a manager: a range of npm's, and who says so. */
interface Choice {
  name: ManagerName
  lockfile: string | null
  range: string | null
}

/**
 * Chooses the package manager by lockfile and package.json.
 * @throws BuildFailure for lockfiles of two managers
 */
export async function chooseManager(context: BuildContext, dir: string, manifest: Manifest): Promise<Choice> {
  const found: string[] = []
  for (const name of Object.keys(LOCKFILES)) if (await isFile(dir, name)) found.push(name)
  const managers = new Set(found.map((name) => LOCKFILES[name]))
  if (managers.size > 1) {
    throw new BuildFailure(
      `The app has more than one lockfile: ${found.join(' and ')}.`,
      'Keep the one of the package manager that you use, and push again.',
    )
  }
  const [, named, version] = /^(npm|pnpm|yarn|bun)@(\d+\.\d+\.\d+[\w.-]*)/.exec(manifest.packageManager ?? '') ?? []
  const lockfile = found[0] ?? null
  const name = (lockfile === null ? undefined : LOCKFILES[lockfile]) ?? (named as ManagerName | undefined) ?? 'npm'
  if (named !== undefined && named !== name) {
    context.log.warning(
      `package.json asks for ${manifest.packageManager}; the lockfile ${lockfile} is ${name}'s, which this build uses.`,
    )
  }
  const asked = named === name ? version : manifest.engines?.[name]
  return { name, lockfile, range: asked === undefined ? null : semver.validRange(asked) }
}

/** Makes the chosen manager ready for a version of Node.js. */
export async function prepareManager(
  context: BuildContext,
  dir: string,
  choice: Choice,
  nodeVersion: string,
): Promise<Manager> {
  const lock = choice.lockfile === null ? null : await readText(dir, choice.lockfile)
  switch (choice.name) {
    case 'npm':
      return npm(context, choice, nodeVersion)
    case 'pnpm':
      return pnpm(context, choice, lock)
    case 'yarn':
      return isBerry(choice, lock) ? berry(context, dir, choice) : classicYarn(context, choice)
    case 'bun':
      return bun(context, choice)
  }
}

const isBerry = ({ lockfile, range }: Choice, lock: string | null) =>
  lockfile === null || lock === ''
    ? range === null || !semver.intersects(range, '<2')
    : /^__metadata:/m.test(lock ?? '')

/** The npm that is here where it fits; releases that run on older Node.js otherwise. */
async function npm(context: BuildContext, { lockfile, range }: Choice, nodeVersion: string): Promise<Manager> {
  // A lockfile of the build's own would be in the image the first time only.
  const install = lockfile === null ? ['install', '--include=dev', '--no-package-lock'] : ['ci', '--include=dev']
  const isOurNode = nodeVersion === process.versions.node
  const fits =
    isOurNode && (range === null || semver.satisfies((await outputOf(context, 'npm', ['--version'])) ?? '0.0.0', range))
  if (fits) return { name: 'npm', title: 'npm', lockfile, install, env: {}, tool: null }
  const tool = await installTool(context, { name: 'npm', range: range ?? npmFor(nodeVersion), title: 'npm' })
  return { name: 'npm', title: `npm ${tool.version}`, lockfile, install, env: {}, tool }
}

/** The newest npm that a Node.js runs. Reference: the `engines` of npm's releases. */
function npmFor(nodeVersion: string): string {
  if (semver.satisfies(nodeVersion, '^20.17.0 || >=22.9.0')) return '11'
  if (semver.satisfies(nodeVersion, '^18.17.0 || >=20.5.0')) return '10'
  return semver.satisfies(nodeVersion, '^14.17.0 || ^16.13.0 || >=18.0.0') ? '9' : '8'
}

async function pnpm(context: BuildContext, { lockfile, range }: Choice, lock: string | null): Promise<Manager> {
  const lockVersion = Number.parseFloat(/^lockfileVersion:\s*'?([\d.]+)/m.exec(lock ?? '')?.[1] ?? '9')
  const fallback = lockVersion >= 9 ? '10' : lockVersion >= 6 ? '8' : '7'
  const tool = await installTool(context, { name: 'pnpm', range: range ?? fallback, title: 'pnpm' })
  const frozen = lockfile === null ? '--no-frozen-lockfile' : '--frozen-lockfile'
  return {
    name: 'pnpm',

    title: `pnpm ${tool.version}`,
    lockfile,
    install: ['install', frozen, '--prod=false'],
    env: {
      npm_config_store_dir: path.join(context.cacheDir, 'pnpm'),
      // Otherwise the folder of this build is written into every program's starter.
      npm_config_extend_node_path: 'false',
      npm_config_manage_package_manager_versions: 'false',
    },
    tool,
  }
}

async function classicYarn(context: BuildContext, { lockfile, range }: Choice): Promise<Manager> {
  const tool = await installTool(context, { name: 'yarn', range: range ?? '1.22.22', title: 'Yarn' })
  const frozen = lockfile === null ? [] : ['--frozen-lockfile']
  return {
    name: 'yarn',

    title: `yarn ${tool.version}`,
    lockfile,
    install: ['install', ...frozen, '--production=false', '--non-interactive'],
    env: { YARN_CACHE_FOLDER: path.join(context.cacheDir, 'yarn'), YARN_PRODUCTION: 'false' },
    tool,
  }
}

async function berry(context: BuildContext, dir: string, { lockfile, range }: Choice): Promise<Manager> {
  const tool = await installTool(context, { name: '@yarnpkg/cli-dist', range: range ?? '4', title: 'Yarn' })
  const registry = context.env.npm_config_registry
  return {
    name: 'yarn',

    title: `yarn ${tool.version}`,
    lockfile,
    install: ['install', lockfile === null ? '--no-immutable' : '--immutable'],
    env: {
      YARN_ENABLE_TELEMETRY: '0',
      ...(registry === undefined ? {} : { YARN_NPM_REGISTRY_SERVER: registry.replace(/\/$/, '') }),
      // With Plug'n'Play the app runs from Yarn's cache, which must be in its tree then.
      ...((await usesPnp(dir)) ? { YARN_ENABLE_GLOBAL_CACHE: 'false' } : { YARN_NODE_LINKER: 'node-modules' }),
    },
    tool,
  }
}

/** Plug'n'Play where the source says so: by its loader, or in its settings. Otherwise node_modules, which all tools know. */
export async function usesPnp(dir: string): Promise<boolean> {
  if (await isFile(dir, '.pnp.cjs')) return true
  return /^nodeLinker:\s*["']?pnp\b/m.test((await readText(dir, '.yarnrc.yml')) ?? '')
}

async function bun(context: BuildContext, { lockfile, range }: Choice): Promise<Manager> {
  const name = BUN_PACKAGES[process.arch]
  if (name === undefined)
    throw new BuildFailure(`There is no Bun for ${process.arch}.`, 'Use another package manager, or a Dockerfile.')
  const tool = await installTool(context, { name, range: range ?? '1', title: 'Bun', bin: 'bin' })
  return {
    name: 'bun',

    title: `bun ${tool.version}`,
    lockfile,
    install: lockfile === null ? ['install'] : ['install', '--frozen-lockfile'],
    env: {},
    tool,
  }
}
