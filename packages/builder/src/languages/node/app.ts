import path from 'node:path'
import { BuildFailure } from '../../failure.ts'
import type { BuildContext } from '../../plan.ts'
import { buildScript, findStart, type Start } from './start.ts'
import { openWorkspace, type Package, type Workspace } from './workspace.ts'

/** What is built and started. */
export interface NodeApp {
  workspace: Workspace
  /** The package that starts: the root or a member. */
  package: Package
  start: Start
  /** The package's folder below the workspace's root; empty for the root itself. */
  below: string
}

/**
 * Finds the package to start and how, before anything is installed.
 * @throws BuildFailure where that cannot be known
 */
export async function findApp(context: BuildContext): Promise<NodeApp> {
  const workspace = await openWorkspace(context.repoDir, context.dir)
  const { root, members } = workspace
  const asked = context.dir === root.dir ? root : (members.find(({ dir }) => dir === context.dir) ?? root)
  const app = (found: Package, start: Start): NodeApp => ({
    workspace,
    package: found,
    start,
    below: path.relative(root.dir, found.dir).split(path.sep).join('/'),
  })
  if (context.procfile !== null) return app(asked, { kind: 'procfile' })
  const own = await findStart(asked)
  const isOnlyGuess = own?.kind === 'static' && asked.manifest.scripts.start === undefined
  if (own !== null && !(asked === root && members.length > 0 && isOnlyGuess)) return app(asked, own)
  const candidates = asked === root ? await startable(members) : []
  const only = candidates[0]
  if (only !== undefined && candidates.length === 1) {
    context.log.line(`Starting ${path.relative(root.dir, only.found.dir)}, the one app of the workspace`)
    return app(only.found, only.start)
  }
  if (candidates.length > 1) throw severalApps(root, candidates)
  if (own !== null) return app(asked, own)
  throw new BuildFailure(
    `Slipway does not know how to start this app. ${missing(asked)}`,
    'Add a "start" script to package.json, or a Procfile with a line such as "web: node server.js", and push again.',
  )
}

interface Candidate {
  found: Package
  start: Start
}

/** Members that are apps, not libraries: they have a start script, a framework, or pages of their own. */
async function startable(members: readonly Package[]): Promise<Candidate[]> {
  const found: Candidate[] = []
  for (const member of members) {
    const start = await findStart(member)
    if (start === null || start.kind === 'procfile') continue
    const { scripts, main } = member.manifest
    const isScript = start.kind === 'command' && start.script !== null
    const isFramework =
      start.kind === 'command' ? start.title !== start.line.replace(/^node /, '') : start.title !== 'static output'
    const isDevelopable = scripts.dev !== undefined || scripts.start !== undefined
    if (
      isScript ||
      (isFramework && isDevelopable) ||
      (main === undefined && isDevelopable && start.kind === 'command')
    ) {
      found.push({ found: member, start })
    }
  }
  return found
}

function severalApps(root: Package, candidates: readonly Candidate[]): BuildFailure {
  const folders = candidates.map(({ found }) => path.relative(root.dir, found.dir))
  return new BuildFailure(
    `The repository is a workspace with ${folders.length} apps that can start: ${folders.slice(0, 8).join(', ')}.`,
    `Set the root directory of this app to one of them, or add a Procfile, and push again.`,
  )
}

function missing({ manifest }: Package): string {
  const script = buildScript(manifest)
  if (script === null) return 'package.json has no "start" script and there is no server.js, index.js or index.html.'
  return `package.json has no "start" script, and its "${script}" script makes neither a server nor pages that are known.`
}
