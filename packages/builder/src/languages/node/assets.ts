import path from 'node:path'
import { isFile } from '../../files.ts'
import { type Installation, NOTHING_INSTALLED } from '../../installed.ts'
import type { BuildContext } from '../../plan.ts'
import { findProgram } from '../../tool.ts'
import { runBuild } from './build.ts'
import { installDependencies } from './install.ts'
import { chooseManager, prepareManager } from './managers.ts'
import { nodeRuntime } from './runtime.ts'
import { buildScript } from './start.ts'
import { openWorkspace } from './workspace.ts'

/**
 * Builds the styles and scripts of an app in another language, where its package.json has a build script. Nothing of
 * Node.js goes into the image.
 */
export async function buildAssets(context: BuildContext): Promise<Installation> {
  if (!(await isFile(context.dir, 'package.json'))) return NOTHING_INSTALLED
  const workspace = await openWorkspace(context.dir, context.dir)
  const { root } = workspace
  if (buildScript(root.manifest) === null) return NOTHING_INSTALLED
  if ((await findProgram(context.env, 'npm')) === null) {
    context.log.warning('package.json has a build script, but npm is not available in this build, so it is not run.')
    return NOTHING_INSTALLED
  }
  const choice = await chooseManager(context, root.dir, root.manifest)
  const runtime = await nodeRuntime(context, [root.dir])
  const manager = await prepareManager(context, root.dir, choice, runtime.version)
  const PATH = [runtime.binDir, manager.tool?.binDir, context.env.PATH]
    .filter((dir) => dir !== undefined)
    .join(path.delimiter)
  const inner = { ...context, env: { ...context.env, ...manager.env, PATH } }
  const installation = await installDependencies(inner, workspace, manager, runtime.version)
  await runBuild(inner, { workspace, package: root, start: { kind: 'procfile' }, below: '' }, manager)
  return installation
}
