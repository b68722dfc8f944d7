import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { type Manifest, parseManifest, type Registry } from '../registry/index.ts'
import { absentAs } from '../system-error.ts'
import { addLayer } from './assemble.ts'
import { ImagePullError, NO_RUNTIME_HINT } from './errors.ts'
import { UnpackError } from './inside.ts'
import { createLayerStore } from './layers.ts'
import type { ImageFiles, StoredImage } from './stored-image.ts'

/** Images with this label run as processes of the host; the number is that of the contract with the builder. */
const RUNTIME_LABEL = 'dev.slipway.runtime'
const RUNTIME = 'process/1'
/** At the end of a folder's name: its files are nobody else's. */
const OWN = '-own'

const configSchema = z.object({
  config: z
    .object({
      Entrypoint: z.array(z.string()).nullish(),
      Cmd: z.array(z.string()).nullish(),
      Env: z.array(z.string()).nullish(),
      WorkingDir: z.string().nullish(),
      User: z.string().nullish(),
      Volumes: z.record(z.string(), z.unknown()).nullish(),
      Labels: z.record(z.string(), z.string()).nullish(),
    })
    .nullish(),
})
type Config = NonNullable<z.infer<typeof configSchema>['config']>

/** Images by digest, each in a folder: `rootfs`, `config.json`, and `layers.json` with the digests that it is made of. */
export interface UnpackedImages {
  find(digest: string, files: ImageFiles): Promise<StoredImage | null>
  /** @throws UnpackError, ImagePullError for an image that cannot run here */
  unpack(digest: string, files: ImageFiles): Promise<StoredImage>
  prune(options: { inUse: ReadonlySet<string>; maxImages: number }): Promise<string[]>
}

export async function createUnpackedImages(dir: string, registry: Registry): Promise<UnpackedImages> {
  const layers = await createLayerStore(path.join(dir, 'layers'), registry)
  // Unpackings that a crash cut off.
  for (const name of await readdir(dir)) {
    if (name.endsWith('.partial')) await rm(path.join(dir, name), { recursive: true, force: true })
  }
  const folderOf = (digest: string, files: ImageFiles) =>
    path.join(dir, `${digest.replace(':', '-')}${files === 'own' ? OWN : ''}`)

  const images: UnpackedImages = {
    find: (digest, files) => find(folderOf(digest, files), digest),
    async unpack(digest, files) {
      const manifest = await readManifest(registry, digest)
      const config = await readConfig(registry, digest, manifest)
      const folder = folderOf(digest, files)
      const partial = `${folder}.partial`
      await rm(partial, { recursive: true, force: true })
      try {
        const rootDir = path.join(partial, 'rootfs')
        await mkdir(rootDir, { recursive: true })
        const parts = manifest.layers ?? []
        await layers.forEach(parts, (layer) => addLayer(layer, rootDir, files))
        await writeFile(path.join(partial, 'layers.json'), JSON.stringify(parts.map((layer) => layer.digest)))
        await writeFile(path.join(partial, 'config.json'), JSON.stringify(config), { flush: true })
        // Unpacked beside and renamed: an image is there whole or not at all.
        await rename(partial, folder)
      } catch (error) {
        await rm(partial, { recursive: true, force: true })
        throw error
      }
      const stored = await images.find(digest, files)
      if (stored === null) throw new UnpackError('the image went away while it was unpacked')
      return stored
    },
    async prune({ inUse, maxImages }) {
      const present = await usedImages(dir)
      const spare = present.filter((image) => !inUse.has(image.digest)).sort((a, b) => a.usedAtMs - b.usedAtMs)
      const removed = spare.slice(0, Math.max(0, present.length - maxImages))
      for (const image of removed) await rm(image.folder, { recursive: true, force: true })
      const kept = present.filter((image) => !removed.includes(image))
      await layers.prune(new Set((await Promise.all(kept.map(({ folder }) => layersOf(folder)))).flat()))
      return removed.map((image) => image.digest)
    },
  }
  return images
}

async function find(folder: string, digest: string): Promise<StoredImage | null> {
  const config: StoredImage['config'] | null = await readJson(path.join(folder, 'config.json'))
  if (config === null) return null
  await utimes(folder, new Date(), new Date())
  return { digest, rootDir: path.join(folder, 'rootfs'), config }
}

/** What this store wrote itself; null where there is no such file. */
async function readJson<T>(file: string): Promise<T | null> {
  const text = await readFile(file, 'utf8').catch(absentAs(null))
  return text === null ? null : JSON.parse(text)
}

async function usedImages(dir: string): Promise<{ folder: string; digest: string; usedAtMs: number }[]> {
  const names = (await readdir(dir)).filter((name) => /^sha256-[a-f0-9]{64}(-own)?$/.test(name))
  return Promise.all(
    names.map(async (name) => {
      const folder = path.join(dir, name)
      const digest = name.replace('-', ':').slice(0, 'sha256:'.length + 64)
      return { folder, digest, usedAtMs: (await stat(folder)).mtimeMs }
    }),
  )
}

/** Images of before layers were shared name none. */
const layersOf = async (folder: string) => (await readJson<string[]>(path.join(folder, 'layers.json'))) ?? []

async function readManifest(registry: Registry, digest: string): Promise<Manifest> {
  const manifest = parseManifest(await registry.manifests.read(digest))
  const first = manifest.manifests?.[0]
  // Slipway's own images are built for this machine, so an index of them has one entry.
  return first === undefined ? manifest : parseManifest(await registry.manifests.read(first.digest))
}

/** @throws ImagePullError for an image that was not made to run as processes of this machine. */
async function readConfig(registry: Registry, digest: string, manifest: Manifest): Promise<StoredImage['config']> {
  if (manifest.config === undefined) throw new ImagePullError('the image has no configuration')
  const text = await readFile(registry.blobs.fileOf(manifest.config.digest), 'utf8')
  const config: Config = configSchema.parse(JSON.parse(text)).config ?? {}
  if (config.Labels?.[RUNTIME_LABEL] !== RUNTIME) {
    throw new ImagePullError(`image ${digest} was not built by Slipway. ${NO_RUNTIME_HINT}`)
  }
  return {
    ...(config.Entrypoint ? { Entrypoint: config.Entrypoint } : {}),
    ...(config.Cmd ? { Cmd: config.Cmd } : {}),
    ...(config.Env ? { Env: config.Env } : {}),
    ...(config.WorkingDir ? { WorkingDir: config.WorkingDir } : {}),
    ...(config.User ? { User: config.User } : {}),
    ...(config.Volumes ? { Volumes: Object.keys(config.Volumes) } : {}),
  }
}
