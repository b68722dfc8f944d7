import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { BuildFailure } from '../../failure.ts'
import { readText } from '../../files.ts'
import type { BuildContext, ToolLayer } from '../../plan.ts'
import { ADDED_DIR, APP_DIR } from '../../plan.ts'
import { runTool } from '../../tool.ts'

/** A program of the npm registry, installed beside the app. */
export interface NpmTool {
  version: string
  /** Folder with its programs, where the build runs. */
  binDir: string
  /** The same folder in the image. */
  imageBinDir: string
  layer: ToolLayer
}

const versionSchema = z.object({ version: z.string().transform((version) => version.replace(/^v/, '')) })

/**
 * Installs one package without its scripts into the cache, once for a range.
 * @param bin folder of its programs below the package; null for those that npm links
 * @throws BuildFailure where the registry has none that fits
 */
export async function installTool(
  context: BuildContext,
  { name, range, title, bin = null }: { name: string; range: string; title: string; bin?: string | null },
): Promise<NpmTool> {
  const spec = `${name}@${range}`
  const dir = path.join(context.cacheDir, 'tools', createHash('sha256').update(spec).digest('hex').slice(0, 16))
  const packageDir = path.join('node_modules', name)
  if ((await readText(path.join(dir, packageDir), 'package.json')) === null)
    await installInto(context, dir, spec, title)
  const { version } = versionSchema.parse(
    JSON.parse((await readText(path.join(dir, packageDir), 'package.json')) ?? '{}'),
  )
  const folder = bin === null ? dir : path.join(dir, packageDir)
  const below = bin ?? 'node_modules/.bin'
  const place = path.posix.join(APP_DIR, ADDED_DIR, title.toLowerCase().replace(/[^a-z]/g, ''))
  return {
    version,
    binDir: path.join(folder, below),
    imageBinDir: path.posix.join('/', place, below),
    layer: {
      dir: folder,
      only:
        bin === null
          ? (entry) => !/(^|\/)package(-lock)?\.json$/.test(entry) || entry.includes('/')
          : (entry) => entry === bin || entry.startsWith(`${bin}/`),
      prefix: place,
      key: `${name}@${version}`,
    },
  }
}

async function installInto(context: BuildContext, dir: string, spec: string, title: string): Promise<void> {
  await mkdir(path.dirname(dir), { recursive: true })
  const partial = await mkdtemp(`${dir}-`)
  try {
    await runTool(
      { ...context, log: { ...context.log, line: () => undefined } },
      {
        command: 'npm',
        args: [
          'install',
          '--prefix',
          partial,
          '--no-save',
          '--ignore-scripts',
          '--no-package-lock',
          '--prefer-offline',
          spec,
        ],
        cwd: partial,
        title: `npm install ${spec}`,
        what: `Getting ${title}`,
        action: `Ask for another version of ${title}, and push again.`,
      },
    )
    await rename(partial, dir)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    // Another build of the same app was first.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST')) return
    if (error instanceof BuildFailure || context.signal.aborted) throw error
    throw new BuildFailure(`Getting ${title} failed: npm cannot be run here.`, 'Ask your operator to install npm.')
  }
}
