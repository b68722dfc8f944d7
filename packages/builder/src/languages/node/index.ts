import path from 'node:path'
import { BuildFailure } from '../../failure.ts'
import { APP_DIR, type Build, type BuildContext, type BuildResult } from '../../plan.ts'
import { type BuiltProcess, shell } from '../../procfile.ts'
import { siteResult } from '../static-site.ts'
import { findApp, type NodeApp } from './app.ts'
import { checkOutput, outputFolder, runBuild } from './build.ts'
import { installDependencies } from './install.ts'
import { chooseManager, type Manager, prepareManager, usesPnp } from './managers.ts'
import { allDependencies } from './manifest.ts'
import { sparePackages } from './production.ts'
import { neededPrograms, programsOf } from './programs.ts'
import { type NodeRuntime, nodeRuntime } from './runtime.ts'

/** What a build works with, once it is known how the app starts. */
interface Prepared {
  app: NodeApp
  manager: Manager
  runtime: NodeRuntime
}

/**
 * Apps with a package.json. What starts is found first, then versions, then everything is installed and built; packages
 * for development are left out of the image unless the app starts with one of them.
 * Reference: https://devcenter.heroku.com/articles/nodejs-behavior-in-heroku
 */
export const buildNode: Build = async (outer) => {
  const app = await findApp(outer)
  const { root } = app.workspace
  const choice = await chooseManager(outer, root.dir, root.manifest)
  const runtime = await nodeRuntime(outer, [app.package.dir, root.dir])
  const withNode = { ...outer, env: { ...outer.env, PATH: pathOf(runtime.binDir, outer.env.PATH) } }
  const manager = await prepareManager(outer, root.dir, choice, runtime.version)
  const context: BuildContext = {
    ...withNode,
    env: {
      ...withNode.env,
      ...manager.env,
      ...frameworkEnvironment(app),
      PATH: pathOf(runtime.binDir, manager.tool?.binDir, outer.env.PATH),
    },
  }
  context.log.step(`Using Node.js ${runtime.version} and ${manager.title}`)
  const installation = await installDependencies(context, app.workspace, manager, runtime.version)
  try {
    const result = await finish(context, { app, manager, runtime })
    return { ...result, keep: installation.keep }
  } catch (error) {
    // What was installed is good, whatever became of the build.
    if (!context.signal.aborted) await installation.keep()
    throw error
  }
}

const pathOf = (...entries: (string | undefined)[]) =>
  entries.filter((entry) => entry !== undefined && entry !== '').join(path.delimiter)

async function finish(context: BuildContext, prepared: Prepared): Promise<BuildResult> {
  const { app, manager } = prepared
  const { start } = app
  const keepsDevelopment = await startsWithDevelopment(context, app)
  await runBuild(context, app, manager)
  if (start.kind === 'static') {
    return siteResult(context, await outputFolder(app.package.dir, start), start.spa)
  }
  await checkOutput(app.package.dir, start)
  return serverResult(prepared, keepsDevelopment, await usesPnp(app.workspace.root.dir))
}

/** True when a process runs a program that only devDependencies bring. */
async function startsWithDevelopment(
  context: BuildContext,
  { package: app, workspace, start }: NodeApp,
): Promise<boolean> {
  if (start.kind === 'static') return false
  const lines =
    start.kind === 'command' ? [start.line] : (context.procfile ?? []).map(({ command }) => command.at(-1) ?? '')
  const programs = lines.flatMap((line) => programsOf(line, app.manifest.scripts))
  const { development, unknown } = await neededPrograms(programs, app, [app.dir, workspace.root.dir], context.env)
  if (
    start.kind === 'command' &&
    start.script !== null &&
    unknown[0] !== undefined &&
    !(await usesPnp(workspace.root.dir))
  ) {
    throw new BuildFailure(
      `The app starts with "${unknown[0]}", which none of its dependencies provides.`,
      `Add the package of ${unknown[0]} to package.json, or change the script "${start.script}", and push again.`,
    )
  }
  if (development.length > 0)
    context.log.line(`devDependencies stay in the image: the app starts with ${development.join(', ')}`)
  return development.length > 0
}

/** What Yarn leaves beside node_modules. */
const YARN_STATE = /^\.yarn\/(cache|unplugged|install-state\.gz|build-state\.yml)$/

/** SvelteKit's automatic adapter takes the one for Node.js where this is set. */
function frameworkEnvironment({ package: { manifest } }: NodeApp): Record<string, string> {
  const dependencies = allDependencies(manifest)
  return '@sveltejs/adapter-auto' in dependencies && !('@sveltejs/adapter-static' in dependencies)
    ? { GCP_BUILDPACKS: '1' }
    : {}
}

function serverResult({ app, manager, runtime }: Prepared, keepsDevelopment: boolean, isPnp: boolean): BuildResult {
  const { root, members } = app.workspace
  const isWhole = app.package === root
  const spare =
    keepsDevelopment || isPnp
      ? () => false
      : sparePackages(root.dir, isWhole ? [root, ...members].map(({ dir }) => dir) : [app.package.dir])
  const modules = [root, ...members].map(({ dir }) => path.posix.join(path.relative(root.dir, dir), 'node_modules'))
  const dependencies = isPnp ? [...modules, '.yarn', '.pnp.cjs', '.pnp.loader.mjs'] : modules
  const binDirs = [app.below, ''].map((below) => path.posix.join('/', APP_DIR, below, 'node_modules/.bin'))
  return {
    processes: defaultProcesses(app, manager, isPnp),
    env: {
      NODE_ENV: 'production',
      // What servers of frameworks listen on unless they are told; many take only this machine otherwise.
      HOST: '0.0.0.0',
      ...(manager.name === 'pnpm'
        ? { npm_config_manage_package_manager_versions: 'false', npm_config_verify_deps_before_run: 'false' }
        : {}),
      PATH: [...new Set([runtime.own?.imageBinDir, manager.tool?.imageBinDir, ...binDirs])]
        .filter((dir) => dir !== undefined)
        .join(':'),
    },
    top: root.dir,
    workingDir: app.below,
    isDependency: (name) => dependencies.some((each) => name === each || name.startsWith(`${each}/`)),
    isSpare: (name) =>
      /(^|\/)\.next\/cache$/.test(name) ||
      /(^|\/)node_modules\/\.cache$/.test(name) ||
      (!isPnp && YARN_STATE.test(name)) ||
      spare(name),
    tools: manager.tool === null ? [] : [manager.tool.layer],
    runtime: { language: 'node', version: runtime.version, layer: runtime.own?.layer ?? null },
  }
}

function defaultProcesses({ package: { manifest }, start }: NodeApp, manager: Manager, isPnp: boolean): BuiltProcess[] {
  if (start.kind !== 'command') return []
  const { scripts } = manifest
  const hasHooks = start.script !== null && (`pre${start.script}` in scripts || `post${start.script}` in scripts)
  // The script itself and not its manager: one process less between the platform's signals and the app.
  const command =
    hasHooks || (isPnp && start.script !== null)
      ? [manager.name, 'run', start.script ?? '']
      : shell(isPnp ? `yarn exec ${start.line}` : start.line)
  return [
    {
      name: 'web',
      kind: 'web',
      command: start.script === null && !isPnp && start.line.startsWith('node ') ? start.line.split(' ') : command,
    },
  ]
}
