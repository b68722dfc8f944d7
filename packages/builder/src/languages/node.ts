import path from 'node:path'
import { z } from 'zod'
import { BuildFailure } from '../failure.ts'
import { isFile, readText } from '../files.ts'
import type { BuildContext, BuildResult, Language } from '../plan.ts'
import { type BuiltProcess, shell } from '../procfile.ts'
import { run } from '../run.ts'

const packageSchema = z.object({
  name: z.string().optional(),
  main: z.string().optional(),
  packageManager: z.string().optional(),
  engines: z.object({ node: z.string().optional() }).optional(),
  scripts: z.record(z.string(), z.string()).default({}),
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
})
type Package = z.infer<typeof packageSchema>

/** How one package manager installs, and removes again what only the build needs. */
interface Manager {
  name: string
  /** Program and its first arguments. */
  command: string[]
  install: string[]
  /** Null: nothing is removed. */
  prune: string[] | null
  /** Folder below the cache of the app for what it downloads, where it does not take npm's settings. */
  store?: { variable: string; folder: string }
}

/** Apps with a package.json. Reference: https://devcenter.heroku.com/articles/nodejs-behavior-in-heroku */
export const nodeLanguage: Language = {
  name: 'Node.js',
  detect: (dir) => isFile(dir, 'package.json'),
  async build(context) {
    const manifest = await readPackage(context.dir)
    const manager = await managerOf(context.dir, manifest)
    context.log.step(`Using Node.js ${process.version} and ${manager.name}`)
    if (manifest.engines?.node !== undefined) context.log.line(`package.json asks for Node.js ${manifest.engines.node}`)
    await install(context, manager, manifest)
    await build(context, manager, manifest)
    return result(context, manifest)
  },
}

async function readPackage(dir: string): Promise<Package> {
  const fix = 'Correct package.json and push again.'
  let json: unknown
  try {
    json = JSON.parse((await readText(dir, 'package.json')) ?? '')
  } catch (error) {
    throw new BuildFailure(`package.json is not valid JSON: ${error instanceof Error ? error.message : error}.`, fix)
  }
  const parsed = packageSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new BuildFailure(`package.json is not valid: ${issue?.path.join('.')} ${issue?.message}.`, fix)
}

const LOCKFILES = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock']
const NPM_EXEC = ['npm', 'exec', '--yes', '--loglevel=error']

async function managerOf(dir: string, manifest: Package): Promise<Manager> {
  const found: string[] = []
  for (const name of LOCKFILES) if (await isFile(dir, name)) found.push(name)
  if (found.length > 1) {
    throw new BuildFailure(
      `The app has more than one lockfile: ${found.join(' and ')}.`,
      'Keep the one of the package manager that you use, and push again.',
    )
  }
  switch (found[0]) {
    case 'pnpm-lock.yaml':
      return pnpm(await readText(dir, 'pnpm-lock.yaml'), manifest)
    case 'yarn.lock':
      return yarn(await readText(dir, 'yarn.lock'), manifest)
    case undefined:
      return { name: 'npm', command: ['npm'], install: ['install', '--include=dev'], prune: ['prune', '--omit=dev'] }
    default:
      return { name: 'npm', command: ['npm'], install: ['ci', '--include=dev'], prune: ['prune', '--omit=dev'] }
  }
}

/** The version that package.json pins (`pnpm@10.2.0+sha…`), or one that reads the lockfile. */
function versionOf(manifest: Package, manager: string, fallback: string): string {
  const match = new RegExp(`^${manager}@(\\d+\\.\\d+\\.\\d+)`).exec(manifest.packageManager ?? '')
  return match?.[1] ?? fallback
}

function pnpm(lock: string | null, manifest: Package): Manager {
  const lockVersion = Number.parseFloat(/^lockfileVersion:\s*'?([\d.]+)/m.exec(lock ?? '')?.[1] ?? '9')
  const version = versionOf(manifest, 'pnpm', lockVersion >= 9 ? '10' : '8')
  return {
    name: `pnpm ${version}`,
    command: [...NPM_EXEC, `--package=pnpm@${version}`, '--', 'pnpm'],
    install: ['install', '--frozen-lockfile', '--prod=false', '--package-import-method=copy'],
    prune: ['prune', '--prod', '--ignore-scripts'],
    // Not for all: npm warns of settings that it does not know.
    store: { variable: 'npm_config_store_dir', folder: 'pnpm' },
  }
}

function yarn(lock: string | null, manifest: Package): Manager {
  if (/^__metadata:/m.test(lock ?? '')) {
    const version = versionOf(manifest, 'yarn', '4')
    return {
      name: `yarn ${version}`,
      command: [...NPM_EXEC, `--package=@yarnpkg/cli-dist@${version}`, '--', 'yarn'],
      install: ['install', '--immutable'],
      prune: null,
    }
  }
  const version = versionOf(manifest, 'yarn', '1.22.22')
  return {
    name: `yarn ${version}`,
    command: [...NPM_EXEC, `--package=yarn@${version}`, '--', 'yarn'],
    install: ['install', '--frozen-lockfile', '--production=false', '--non-interactive'],
    prune: [
      'install',
      '--production',
      '--ignore-scripts',
      '--prefer-offline',
      '--non-interactive',
      '--frozen-lockfile',
    ],
  }
}

const count = (record: Record<string, string>) => Object.keys(record).length
const hasDependencies = (manifest: Package) =>
  count(manifest.dependencies) + count(manifest.devDependencies) + count(manifest.optionalDependencies) > 0

async function install(context: BuildContext, manager: Manager, manifest: Package): Promise<void> {
  if (!hasDependencies(manifest)) {
    context.log.line('No dependencies to install')
    return
  }
  context.log.step(`Installing dependencies (${manager.name})`)
  const code = await runManager(context, manager, manager.install)
  if (code === 0) return
  throw new BuildFailure(
    `Installing the dependencies failed: ${manager.name} ${manager.install[0]} ended with code ${code}.`,
    'Read the lines above it; the same command on your machine shows it too.',
  )
}

async function build(context: BuildContext, manager: Manager, manifest: Package): Promise<void> {
  const script = ['heroku-postbuild', 'build'].find((name) => manifest.scripts[name] !== undefined)
  if (script !== undefined) {
    context.log.step(`Building (npm run ${script})`)
    const code = await run('npm', ['run', script], { ...context, cwd: context.dir, env: context.env })
    if (code !== 0) {
      throw new BuildFailure(
        `The build script failed: npm run ${script} ended with code ${code}.`,
        `Read the lines above it, run "npm run ${script}" on your machine, and push the fix.`,
      )
    }
  }
  if (count(manifest.devDependencies) === 0 || manager.prune === null) return
  context.log.step('Removing development dependencies')
  const code = await runManager(context, manager, manager.prune)
  if (code !== 0) context.log.warning('They could not be removed and stay in the image.')
}

function runManager(context: BuildContext, manager: Manager, args: readonly string[]): Promise<number> {
  const [command = 'npm', ...first] = manager.command
  const { store } = manager
  const env = store ? { ...context.env, [store.variable]: path.join(context.cacheDir, store.folder) } : context.env
  return run(command, [...first, ...args], { ...context, cwd: context.dir, env })
}

async function result(context: BuildContext, manifest: Package): Promise<BuildResult> {
  return {
    processes: await defaultProcesses(context.dir, manifest),
    missing: 'package.json has no "start" script and there is no server.js or index.js.',
    env: { NODE_ENV: 'production', PATH: '/app/node_modules/.bin' },
    dependencyDirs: ['node_modules'],
  }
}

async function defaultProcesses(dir: string, manifest: Package): Promise<BuiltProcess[] | null> {
  const { start, prestart, poststart } = manifest.scripts
  const web = (command: string[]): BuiltProcess[] => [{ name: 'web', kind: 'web', command }]
  // The script itself and not npm: one process less between the platform's signals and the app.
  if (start !== undefined) return web(prestart || poststart ? ['npm', 'start'] : shell(start))
  for (const file of [manifest.main, 'server.js', 'index.js']) {
    if (file !== undefined && (await isFile(dir, file))) return web(['node', file])
  }
  return null
}
