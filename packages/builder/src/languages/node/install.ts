import { createHash } from 'node:crypto'
import { glob } from 'node:fs/promises'
import path from 'node:path'
import { readText } from '../../files.ts'
import { type Installation, keepInstalled, NOTHING_INSTALLED, takeInstalled } from '../../installed.ts'
import type { BuildContext } from '../../plan.ts'
import { runTool } from '../../tool.ts'
import type { Manager } from './managers.ts'
import { allDependencies, hasDependencies, type Manifest } from './manifest.ts'
import type { Package, Workspace } from './workspace.ts'

/** Files beside the lockfile that change what an installation gives. */
const INPUTS = [
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  'bunfig.toml',
  'pnpm-workspace.yaml',
  '.pnpmfile.cjs',
  'patches/**',
  '.yarn/patches/**',
  // Its client is generated while it is installed.
  '**/schema.prisma',
  '**/prisma/**/*.prisma',
]
/** Next.js compiles only what changed where it finds its cache. */
const KEPT = ['node_modules', '.next/cache']
const LIFECYCLE = ['preinstall', 'install', 'postinstall', 'prepare']
/**
 * Installs all dependencies, also those for development, or takes those of an earlier build whose lockfile, settings
 * and versions were the same.
 * @throws BuildFailure with the manager's own reason
 */
export async function installDependencies(
  context: BuildContext,
  workspace: Workspace,
  manager: Manager,
  nodeVersion: string,
): Promise<Installation> {
  const { root, members } = workspace
  const packages = [root, ...members]
  if (!packages.some(({ manifest }) => hasDependencies(manifest))) {
    context.log.line('No dependencies to install')
    await runLifecycle(context, packages, manager)
    return NOTHING_INSTALLED
  }
  const key = await keyOf(workspace, manager, nodeVersion)
  const isSame = await takeInstalled(context.cacheDir, key, root.dir)
  // Without a lockfile npm leaves what is installed as it is; others want the one that they would write.
  const isFixed = manager.lockfile !== null || manager.name === 'npm'
  if (isSame && isFixed && !hasLocalDependencies(packages)) {
    context.log.step(`Using the dependencies of an earlier build (${manager.title})`)
    await runLifecycle(context, packages, manager)
  } else {
    context.log.step(`Installing dependencies (${manager.title})`)
    await runTool(context, {
      command: manager.name,
      args: manager.install,
      title: `${manager.name} ${manager.install[0]}`,
      cwd: root.dir,
      what: 'Installing the dependencies',
    })
  }
  const folders = packages.flatMap(({ dir }) => KEPT.map((name) => path.join(path.relative(root.dir, dir), name)))
  return { keep: () => keepInstalled(context.cacheDir, key, root.dir, folders) }
}

/** Scripts of the app itself that an installation runs, for when there is none. */
async function runLifecycle(context: BuildContext, packages: readonly Package[], manager: Manager): Promise<void> {
  for (const { dir, manifest } of packages) {
    for (const script of LIFECYCLE.filter((name) => manifest.scripts[name] !== undefined)) {
      const title = `${manager.name} run ${script}`
      await runTool(context, {
        command: manager.name,
        args: ['run', script],
        cwd: dir,
        title,
        what: `The ${script} script`,
      })
    }
  }
}

async function keyOf({ root, members }: Workspace, manager: Manager, nodeVersion: string): Promise<string> {
  const hash = createHash('sha256')
  const add = (...parts: string[]) => hash.update(`${parts.join('\0')}\0\0`)
  add(process.arch, nodeVersion, manager.title, manager.lockfile ?? '')
  if (manager.lockfile !== null) add((await readText(root.dir, manager.lockfile)) ?? '')
  for (const { dir, manifest } of [root, ...members]) add(path.relative(root.dir, dir), manifest.installed)
  const inputs: string[] = []
  for await (const name of glob(INPUTS, { cwd: root.dir, exclude: ['**/node_modules/**'] })) inputs.push(name)
  for (const name of inputs.sort()) add(name, (await readText(root.dir, name)) ?? '')
  return hash.digest('hex').slice(0, 32)
}

/** Packages from folders change without their lockfile. */
const hasLocalDependencies = (packages: readonly { manifest: Manifest }[]) =>
  packages.some(({ manifest }) =>
    Object.values(allDependencies(manifest)).some((spec) => /^(file|link|portal):|^\.{1,2}\//.test(spec)),
  )
