import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { readText } from './files.ts'
import { type Layer, packLayer } from './pack.ts'
import { APP_DIR, type BuildResult, type ToolLayer } from './plan.ts'
import { listTree, type TreeEntry } from './tree.ts'

interface PackOptions {
  cacheDir: string
  /** For what is packed anew each time. */
  scratch: string
  signal: AbortSignal
}

/** Packed layers that are kept: those of two or three builds. */
const MAX_KEPT = 8

const keptSchema = z.object({ digest: z.string(), sizeBytes: z.number(), diffId: z.string() })

/**
 * The layers of an image, those that change least first: runtime and tools, dependencies, the app. What is the same as
 * in an earlier build is not packed again.
 */
export async function packLayers(result: BuildResult, options: PackOptions): Promise<Layer[]> {
  const layers: Layer[] = []
  const { layer: runtime } = result.runtime
  for (const tool of runtime === null ? result.tools : [runtime, ...result.tools]) {
    layers.push(await kept(`tool-${digestOf(tool.key)}`, options, (file) => packTool(tool, file, options.signal)))
  }
  const isSpare = result.isSpare?.bind(result)
  const entries = await listTree(result.top, isSpare)
  const dependencies = entries.filter((entry) => result.isDependency(entry.name))
  const rest = entries.filter((entry) => !result.isDependency(entry.name))
  const pack = (part: TreeEntry[], file: string) => packLayer(result.top, part, APP_DIR, file, options.signal)
  const [first, second] = await Promise.all([
    dependencies.length === 0
      ? null
      : kept(`dependencies-${fingerprint(dependencies)}`, options, (file) => pack(dependencies, file)),
    rest.length === 0 ? null : pack(rest, path.join(options.scratch, 'app.tar.gz')),
  ])
  await prune(path.join(options.cacheDir, 'layers'))
  return [...layers, first, second].filter((layer) => layer !== null)
}

async function packTool(tool: ToolLayer, file: string, signal: AbortSignal): Promise<Layer> {
  const { only } = tool
  const entries = await listTree(tool.dir, only && ((name) => !only(name)))
  return packLayer(tool.dir, entries, tool.prefix, file, signal)
}

/** A layer of an earlier build with the same name, or a new one that is kept under it. */
async function kept(name: string, { cacheDir }: PackOptions, pack: (file: string) => Promise<Layer>): Promise<Layer> {
  const dir = path.join(cacheDir, 'layers')
  const file = path.join(dir, `${name}.tar.gz`)
  const note = path.join(dir, `${name}.json`)
  const known = keptSchema.safeParse(JSON.parse((await readText(dir, `${name}.json`)) ?? 'null'))
  const size = (await stat(file).catch(() => null))?.size
  if (known.success && known.data.sizeBytes === size) {
    const now = new Date()
    await utimes(note, now, now)
    return { file, ...known.data }
  }
  await mkdir(dir, { recursive: true })
  const partial = `${file}.${randomUUID()}.partial`
  const { digest, sizeBytes, diffId } = await pack(partial)
  await rename(partial, file)
  // Renamed into place as well: a crash leaves a whole note or none.
  await writeFile(`${partial}.json`, JSON.stringify({ digest, sizeBytes, diffId }))
  await rename(`${partial}.json`, note)
  return { file, digest, sizeBytes, diffId }
}

async function prune(dir: string): Promise<void> {
  const names = (await readdir(dir).catch(() => [])).filter((name) => /^[\w-]+\.json$/.test(name))
  const notes = await Promise.all(
    names.map(async (name) => ({ name, usedAtMs: (await stat(path.join(dir, name)).catch(() => null))?.mtimeMs ?? 0 })),
  )
  for (const { name } of notes.sort((a, b) => b.usedAtMs - a.usedAtMs).slice(MAX_KEPT)) {
    await rm(path.join(dir, name), { force: true })
    await rm(path.join(dir, name.replace(/\.json$/, '.tar.gz')), { force: true })
  }
}

/** Changes with any file that is written to, and with none that is only read. */
function fingerprint(entries: readonly TreeEntry[]): string {
  const hash = createHash('sha256')
  for (const { name, type, size, mtimeMs, executable, linkname = '' } of entries) {
    // A folder's time changes when a spare file comes and goes.
    const time = type === 'file' ? mtimeMs : 0
    hash.update(`${name}\0${type}\0${size}\0${time}\0${executable}\0${linkname}\n`)
  }
  return hash.digest('hex').slice(0, 32)
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32)
