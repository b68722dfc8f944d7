import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { absentAs } from '../../types/system-error.ts'
import { addLayer } from './assemble.ts'
import { ImagePullError, NO_RUNTIME_HINT } from './errors.ts'
import { UnpackError } from './inside.ts'
import { createLayerStore } from './layers.ts'
import type { ImageSource } from './source.ts'
import type { ImageFiles, StoredImage } from './stored-image.ts'

/** Images with this label run as processes of the host; the number is that of the contract with the builder. */
const RUNTIME_LABEL = 'dev.slipway.runtime'
const RUNTIME = 'process/1'
/** Who owns the files of an app that Slipway built, and runs it. */
const APP_UID = 1000
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
      ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
      Labels: z.record(z.string(), z.string()).nullish(),
    })
    .nullish(),
})
type Config = NonNullable<z.infer<typeof configSchema>['config']>

/** Images by digest, each in a folder: `rootfs`, `config.json`, and `layers.json` with the digests that it is made of. */
export interface UnpackedImages {
  find(digest: string, files: ImageFiles): Promise<StoredImage | null>
  /** @throws UnpackError, ImagePullError for an image that cannot run here */
  unpack(source: ImageSource, files: ImageFiles): Promise<StoredImage>
  prune(options: { inUse: ReadonlySet<string>; maxImages: number }): Promise<string[]>
}

export async function createUnpackedImages(dir: string): Promise<UnpackedImages> {
  await mkdir(dir, { recursive: true })
  const layers = await createLayerStore(path.join(dir, 'layers'))
  // Unpackings that a crash cut off.
  for (const name of await readdir(dir)) {
    if (name.endsWith('.partial')) await rm(path.join(dir, name), { recursive: true, force: true })
  }
  const folderOf = (digest: string, files: ImageFiles) =>
    path.join(dir, `${digest.replace(':', '-')}${files === 'own' ? OWN : ''}`)

  const images: UnpackedImages = {
    find: (digest, files) => find(folderOf(digest, files), digest),
    async unpack(source, files) {
      const config = await readConfig(source, files)
      const folder = folderOf(source.digest, files)
      const partial = `${folder}.partial`
      await rm(partial, { recursive: true, force: true })
      try {
        const rootDir = path.join(partial, 'rootfs')
        await mkdir(rootDir, { recursive: true, mode: 0o755 })
        const how = { files, ...(config.root === 'native' ? { owner: { uid: APP_UID, gid: APP_UID } } : {}) }
        await layers.forEach(source, how, (layer) => addLayer(layer, rootDir, files))
        await writeFile(path.join(partial, 'layers.json'), JSON.stringify(source.layers.map(({ digest }) => digest)))
        await writeFile(path.join(partial, 'config.json'), JSON.stringify(config), { flush: true })
        // Unpacked beside and renamed: an image is there whole or not at all.
        await rename(partial, folder)
      } catch (error) {
        await rm(partial, { recursive: true, force: true })
        throw error
      }
      const stored = await images.find(source.digest, files)
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
  const stored: StoredConfig | null = await readJson(path.join(folder, 'config.json'))
  if (stored === null) return null
  await utimes(folder, new Date(), new Date())
  const { root, ...config } = stored
  return { digest, rootDir: path.join(folder, 'rootfs'), config, ...(root === undefined ? {} : { root }) }
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

/** What is kept of an image's configuration. */
type StoredConfig = StoredImage['config'] & { root?: 'native' }

/** @throws ImagePullError for an image that was not made to run as processes of this machine, where nothing else can run it. */
async function readConfig(source: ImageSource, files: ImageFiles): Promise<StoredConfig> {
  const config: Config = configSchema.parse(JSON.parse(await source.config())).config ?? {}
  const isNative = config.Labels?.[RUNTIME_LABEL] === RUNTIME
  if (!isNative && files !== 'image') {
    throw new ImagePullError(`image ${source.digest} was not built by Slipway. ${NO_RUNTIME_HINT}`)
  }
  const ports = Object.keys(config.ExposedPorts ?? {}).flatMap((port) => /^(\d+)(?:\/tcp)?$/.exec(port)?.[1] ?? [])
  return {
    ...(config.Entrypoint ? { Entrypoint: config.Entrypoint } : {}),
    ...(config.Cmd ? { Cmd: config.Cmd } : {}),
    ...(config.Env ? { Env: config.Env } : {}),
    ...(config.WorkingDir ? { WorkingDir: config.WorkingDir } : {}),
    ...(config.User ? { User: config.User } : {}),
    ...(config.Volumes ? { Volumes: Object.keys(config.Volumes) } : {}),
    ...(ports.length > 0 ? { ExposedPorts: ports.map(Number) } : {}),
    ...(isNative && files === 'image' ? { root: 'native' as const } : {}),
  }
}
