import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Registry } from '../registry/index.ts'
import { absentAs } from '../system-error.ts'
import { changesSchema, type LayerChanges, unpackLayer } from './unpack.ts'

const LIMITS = { maxBytes: 8 * 1024 ** 3, maxEntries: 1_000_000 }

/** A layer as a manifest names it. */
export interface LayerReference {
  digest: string
  mediaType?: string | undefined
}

export interface UnpackedLayer {
  /** The files that it brings. */
  treeDir: string
  changes: LayerChanges
}

/** Layers unpacked from the embedded registry, each digest once, for all images that have it. */
export interface LayerStore {
  /**
   * Goes over the layers in order; those that are not there are unpacked, and callers at the same time share one unpacking.
   * None of them is pruned meanwhile. @throws UnpackError
   */
  forEach(layers: readonly LayerReference[], use: (layer: UnpackedLayer) => Promise<void>): Promise<void>
  /** Removes the layers that are not named. */
  prune(named: ReadonlySet<string>): Promise<void>
}

export async function createLayerStore(dir: string, registry: Registry): Promise<LayerStore> {
  const unpacking = new Map<string, Promise<UnpackedLayer>>()
  const held = new Set<readonly LayerReference[]>()
  await mkdir(dir, { recursive: true })
  const folderOf = (digest: string) => path.join(dir, digest.replace(':', '-'))

  /** Unpacks beside and renames: a layer is there whole or not at all. */
  async function unpack({ digest, mediaType = '' }: LayerReference): Promise<UnpackedLayer> {
    const present = await read(folderOf(digest))
    if (present !== null) return present
    const partial = `${folderOf(digest)}.partial`
    await rm(partial, { recursive: true, force: true })
    try {
      const treeDir = path.join(partial, 'tree')
      await mkdir(treeDir, { recursive: true })
      const changes = await unpackLayer(registry.blobs.read(digest), !mediaType.endsWith('.tar'), treeDir, LIMITS)
      await writeFile(path.join(partial, 'changes.json'), JSON.stringify(changes), { flush: true })
      await rename(partial, folderOf(digest))
      return { treeDir: path.join(folderOf(digest), 'tree'), changes }
    } catch (error) {
      await rm(partial, { recursive: true, force: true })
      throw error
    }
  }

  function open(layer: LayerReference): Promise<UnpackedLayer> {
    const running = unpacking.get(layer.digest) ?? unpack(layer).finally(() => unpacking.delete(layer.digest))
    unpacking.set(layer.digest, running)
    return running
  }

  return {
    async forEach(layers, use) {
      held.add(layers)
      try {
        for (const layer of layers) await use(await open(layer))
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

async function read(folder: string): Promise<UnpackedLayer | null> {
  const text = await readFile(path.join(folder, 'changes.json'), 'utf8').catch(absentAs(null))
  if (text === null) return null
  return { treeDir: path.join(folder, 'tree'), changes: changesSchema.parse(JSON.parse(text)) }
}
