import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { absentAs } from '../../types/system-error.ts'
import type { Descriptor, ImageSource } from './source.ts'
import { changesSchema, type LayerChanges, type UnpackOptions, unpackLayer } from './unpack.ts'

const LIMITS = { maxBytes: 8 * 1024 ** 3, maxEntries: 1_000_000 }

export interface UnpackedLayer {
  /** The files that it brings. */
  treeDir: string
  changes: LayerChanges
}

/** How the layers of an image are unpacked where they are not there. */
export type UnpackAs = Pick<UnpackOptions, 'files' | 'owner'>

/** Unpacked layers, each digest once, for all images that have it. */
export interface LayerStore {
  /**
   * Goes over the layers of an image in order; those that are not there are unpacked, and callers at the same time share one
   * unpacking. None of them is pruned meanwhile. @throws UnpackError
   */
  forEach(source: ImageSource, how: UnpackAs, use: (layer: UnpackedLayer) => Promise<void>): Promise<void>
  /** Removes the layers that are not named. */
  prune(named: ReadonlySet<string>): Promise<void>
}

export async function createLayerStore(dir: string): Promise<LayerStore> {
  const unpacking = new Map<string, Promise<UnpackedLayer>>()
  const held = new Set<readonly Descriptor[]>()
  await mkdir(dir, { recursive: true })
  const folderOf = (digest: string) => path.join(dir, digest.replace(':', '-'))

  /** Unpacks beside and renames: a layer is there whole or not at all. */
  async function unpack(source: ImageSource, layer: Descriptor, how: UnpackAs): Promise<UnpackedLayer> {
    const folder = folderOf(layer.digest)
    const present = await read(folder)
    if (present !== null) return present
    const partial = `${folder}.partial`
    await rm(partial, { recursive: true, force: true })
    try {
      const treeDir = path.join(partial, 'tree')
      await mkdir(treeDir, { recursive: true, mode: 0o755 })
      const options = { ...how, compression: compressionOf(layer.mediaType), limits: LIMITS }
      const content = await source.open(layer, path.join(partial, 'blob'))
      const changes = await unpackLayer(content, treeDir, options)
      await rm(path.join(partial, 'blob'), { force: true })
      await writeFile(path.join(partial, 'changes.json'), JSON.stringify(changes), { flush: true })
      await rename(partial, folder)
      return { treeDir: path.join(folder, 'tree'), changes }
    } catch (error) {
      await rm(partial, { recursive: true, force: true })
      throw error
    }
  }

  function open(source: ImageSource, layer: Descriptor, how: UnpackAs): Promise<UnpackedLayer> {
    const running =
      unpacking.get(layer.digest) ?? unpack(source, layer, how).finally(() => unpacking.delete(layer.digest))
    unpacking.set(layer.digest, running)
    return running
  }

  return {
    async forEach(source, how, use) {
      const { layers } = source
      held.add(layers)
      try {
        for (const layer of layers) await use(await open(source, layer, how))
      } finally {
        held.delete(layers)
      }
    },
    async prune(named) {
      const isHeld = (digest: string) => [...held].some((layers) => layers.some((layer) => layer.digest === digest))
      for (const name of await readdir(dir)) {
        const digest = name.replace('-', ':').replace(/\.partial$/, '')
        if (named.has(digest) || isHeld(digest)) continue
        await rm(path.join(dir, name), { recursive: true, force: true })
      }
    },
  }
}

const compressionOf = (mediaType: string): UnpackOptions['compression'] =>
  mediaType.endsWith('.tar') ? 'none' : mediaType.endsWith('+zstd') ? 'zstd' : 'gzip'

async function read(folder: string): Promise<UnpackedLayer | null> {
  const text = await readFile(path.join(folder, 'changes.json'), 'utf8').catch(absentAs(null))
  if (text === null) return null
  return { treeDir: path.join(folder, 'tree'), changes: changesSchema.parse(JSON.parse(text)) }
}
