import { glob } from 'node:fs/promises'
import path from 'node:path'
import { BuildFailure } from '../../failure.ts'
import { isFile } from '../../files.ts'
import type { BuildContext } from '../../plan.ts'
import { runTool, type ToolCall } from '../../tool.ts'
import type { NodeApp } from './app.ts'
import type { Manager } from './managers.ts'
import { allDependencies } from './manifest.ts'
import { buildScript, type Start } from './start.ts'
import { membersNeededBy, type Package } from './workspace.ts'

/** Runs what builds the app: its script, or its workspace's task runner, which builds what it needs first. */
export async function runBuild(context: BuildContext, app: NodeApp, manager: Manager): Promise<void> {
  for (const call of await buildCalls(context, app, manager)) {
    context.log.step(`Building (${call.title})`)
    await runTool(context, call)
  }
}

async function buildCalls(context: BuildContext, app: NodeApp, manager: Manager): Promise<ToolCall[]> {
  const { root, members } = app.workspace
  const own = buildScript(app.package.manifest)
  const script = (found: Package): ToolCall => {
    const name = buildScript(found.manifest) ?? 'build'
    const title = `${manager.name} run ${name}`
    return { command: manager.name, args: ['run', name], cwd: found.dir, title, what: 'The build script' }
  }
  const scripts = (packages: readonly Package[]) =>
    packages.filter(({ manifest }) => buildScript(manifest) !== null).map(script)
  if (app.package !== root) {
    const { name } = app.package.manifest
    const runner = name === undefined || own === null ? null : await taskRunner(context, root, name)
    if (runner !== null) return [runner]
    return scripts([...membersNeededBy(app.package, members), app.package])
  }
  if (own !== null || members.length === 0) return scripts([root])
  const ordered = members.flatMap((member) => [...membersNeededBy(member, members), member])
  return scripts([...new Set(ordered)])
}

/** Turborepo or Nx, where the root uses one. */
async function taskRunner(context: BuildContext, root: Package, name: string): Promise<ToolCall | null> {
  const dependencies = allDependencies(root.manifest)
  const call = (program: string, args: string[], env: Record<string, string>): ToolCall => ({
    command: path.join(root.dir, 'node_modules/.bin', program),
    args,
    cwd: root.dir,
    env,
    title: `${program} ${args.join(' ')}`,
    what: 'The build',
  })
  if ((await isFile(root.dir, 'turbo.json')) && 'turbo' in dependencies && root.manifest.packageManager !== undefined) {
    return call('turbo', ['run', 'build', `--filter=${name}`], {
      TURBO_TELEMETRY_DISABLED: '1',
      TURBO_CACHE_DIR: path.join(context.cacheDir, 'turbo'),
      // Strict mode would hide the config vars that were chosen for the build.
      TURBO_ENV_MODE: 'loose',
    })
  }
  if ((await isFile(root.dir, 'nx.json')) && 'nx' in dependencies) {
    return call('nx', ['run', `${name}:build`], {
      NX_DAEMON: 'false',
      NX_CACHE_DIRECTORY: path.join(context.cacheDir, 'nx'),
      NX_NO_CLOUD: 'true',
    })
  }
  return null
}

/**
 * The folder with the pages that the build made.
 * @throws BuildFailure that names where they were looked for
 */
export async function outputFolder(dir: string, start: Extract<Start, { kind: 'static' }>): Promise<string> {
  for (const folder of start.folders) {
    const found: string[] = []
    for await (const page of glob(`${folder}/index.html`, { cwd: dir })) found.push(path.dirname(page))
    if (found[0] !== undefined) return path.join(dir, found.sort()[0] ?? '.')
  }
  const looked = start.folders.filter((folder) => folder !== '.' && !folder.includes('*'))
  throw new BuildFailure(
    `The build produced no index.html in ${looked.slice(0, 6).join(', ')}.`,
    'Add a "start" script to package.json or a Procfile that says how the app starts, and push again.',
  )
}

/** @throws BuildFailure where the build did not make the file that the app starts with */
export async function checkOutput(dir: string, start: Start): Promise<void> {
  if (start.kind !== 'command' || start.output === null) return
  const candidates = [start.output, `${start.output}.js`, `${start.output}/index.js`, `${start.output}/index.mjs`]
  for (const file of candidates) if (await isFile(dir, file)) return
  throw new BuildFailure(
    `The build did not produce ${start.output}, which ${start.title} starts from.`,
    'Add a "start" script to package.json or a Procfile that says how the app starts, and push again.',
  )
}
