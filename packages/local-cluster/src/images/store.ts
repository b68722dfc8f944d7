import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { RegistryError } from '../registry/errors.ts'
import { type Manifest, parseManifest, type Registry } from '../registry/index.ts'
import { findInCatalogue } from './catalogue/catalogue.ts'
import { parseReference } from './reference.ts'
import type { StoredImage } from './stored-image.ts'
import { UnpackError, unpackLayer } from './unpack.ts'

/** Images with this label run as processes of the host; the number is that of the contract with the builder. */
const RUNTIME_LABEL = 'dev.slipway.runtime'
const RUNTIME = 'process/1'
const LIMITS = { maxBytes: 8 * 1024 ** 3, maxEntries: 1_000_000 }

const HINT =
  'The local cluster runs apps that were pushed with git, and node, python, nginx, redis, mysql, postgres and busybox where they ' +
  'are installed, as processes of this machine; it has no container runtime. ' +
  'To run any image, connect a Kubernetes cluster: set KUBECONFIG and DATABASE_URL and start Slipway again.'

/** Why an image cannot be had, as the container's waiting message says it. */
class ImagePullError extends Error {
  override name = 'ImagePullError'
}

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

/** Images unpacked from the embedded registry, each digest once. */
export interface ImageStore {
  /** The image if it is unpacked, null otherwise. */
  lookup(reference: string): Promise<StoredImage | null>
  /** Unpacks the image; callers at the same time share one unpacking. Throws {@link ImagePullError}. */
  pull(reference: string, signal: AbortSignal): Promise<StoredImage>
  /** Removes images that were not used for longest and are not in use, until what is left fits. Answers their digests. */
  prune(options: { inUse: ReadonlySet<string>; maxImages: number }): Promise<string[]>
}

/**
 * Opens the store.
 * @param options.hosts names by which image references mean the embedded registry
 */
export async function createImageStore(options: {
  dir: string
  registry: Registry
  hosts: readonly string[]
  /** Where programs of the catalogue are looked for; without it there is no catalogue. */
  hostPath?: string
}): Promise<ImageStore> {
  const { dir, registry } = options
  const running = new Map<string, Promise<StoredImage>>()
  await mkdir(dir, { recursive: true })
  // Unpackings that a crash cut off.
  for (const name of await readdir(dir)) {
    if (name.endsWith('.partial')) await rm(path.join(dir, name), { recursive: true, force: true })
  }

  const catalogued = (text: string) =>
    options.hostPath === undefined ? null : findInCatalogue(parseReference(text), options.hostPath)
  const resolve = async (text: string) => {
    const { host, name, reference } = parseReference(text)
    if (host === null || !options.hosts.includes(host)) {
      throw unresolved(text, `it is not in the local cluster's registry. ${HINT}`)
    }
    const found = await registry.manifests.find(name, reference).catch(noneIf(RegistryError))
    if (found === null) throw unresolved(text, `${text}: not found`)
    return found.digest
  }
  return {
    async lookup(reference) {
      const known = catalogued(reference)
      if (known !== null) return 'image' in known ? known.image : null
      const digest = await resolve(reference).catch(noneIf(ImagePullError))
      return digest === null ? null : readStored(dir, digest)
    },
    async pull(reference, signal) {
      signal.throwIfAborted()
      const known = catalogued(reference)
      if (known !== null && 'image' in known) return known.image
      if (known !== null) throw unresolved(reference, known.missing)
      const digest = await resolve(reference)
      const stored = await readStored(dir, digest)
      if (stored !== null) return stored
      const unpacking = running.get(digest) ?? unpackImage(dir, registry, digest).finally(() => running.delete(digest))
      running.set(digest, unpacking)
      try {
        return await unpacking
      } catch (error) {
        if (error instanceof ImagePullError) throw error
        const message = error instanceof Error ? error.message : String(error)
        throw new ImagePullError(`failed to pull and unpack image "${reference}": ${message}`)
      }
    },
    prune: ({ inUse, maxImages }) => prune(dir, inUse, maxImages),
  }
}

/** In containerd's words. */
const unresolved = (reference: string, why: string) =>
  new ImagePullError(`failed to pull and unpack image "${reference}": failed to resolve image: ${why}`)

const folderOf = (dir: string, digest: string) => path.join(dir, digest.replace(':', '-'))

async function readStored(dir: string, digest: string): Promise<StoredImage | null> {
  const folder = folderOf(dir, digest)
  try {
    const config: StoredImage['config'] = JSON.parse(await readFile(path.join(folder, 'config.json'), 'utf8'))
    await utimes(folder, new Date(), new Date())
    return { digest, rootDir: path.join(folder, 'rootfs'), config }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** Unpacks beside and renames: an image is there whole or not at all. */
async function unpackImage(dir: string, registry: Registry, digest: string): Promise<StoredImage> {
  const manifest = await readManifest(registry, digest)
  const { config } = configSchema.parse(
    JSON.parse((await readBlob(registry, manifest.config?.digest)).toString('utf8')),
  )
  if (config?.Labels?.[RUNTIME_LABEL] !== RUNTIME) {
    throw new ImagePullError(`image ${digest} was not built by Slipway. ${HINT}`)
  }
  const partial = `${folderOf(dir, digest)}.partial`
  await rm(partial, { recursive: true, force: true })
  try {
    await fillPartial(registry, manifest, config, partial)
    await rename(partial, folderOf(dir, digest))
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  }
  const stored = await readStored(dir, digest)
  if (stored === null) throw new UnpackError('the image went away while it was unpacked')
  return stored
}

async function fillPartial(
  registry: Registry,
  manifest: Manifest,
  config: NonNullable<z.infer<typeof configSchema>['config']>,
  partial: string,
): Promise<void> {
  const rootDir = path.join(partial, 'rootfs')
  await mkdir(rootDir, { recursive: true })
  for (const layer of manifest.layers ?? []) {
    const gzipped = !(layer.mediaType ?? '').endsWith('.tar')
    await unpackLayer(registry.blobs.read(layer.digest), gzipped, rootDir, LIMITS)
  }
  const kept = {
    Entrypoint: config.Entrypoint ?? undefined,
    Cmd: config.Cmd ?? undefined,
    Env: config.Env ?? undefined,
    WorkingDir: config.WorkingDir ?? undefined,
    User: config.User ?? undefined,
    Volumes: config.Volumes ? Object.keys(config.Volumes) : undefined,
  }
  await writeFile(path.join(partial, 'config.json'), JSON.stringify(kept), { flush: true })
}

async function readManifest(registry: Registry, digest: string): Promise<Manifest> {
  const manifest = parseManifest(await registry.manifests.read(digest))
  const first = manifest.manifests?.[0]
  // Slipway's own images are built for this machine, so an index of them has one entry.
  return first === undefined ? manifest : parseManifest(await registry.manifests.read(first.digest))
}

async function readBlob(registry: Registry, digest: string | undefined): Promise<Buffer> {
  if (digest === undefined) throw new ImagePullError('the image has no configuration')
  return readFile(registry.blobs.fileOf(digest))
}

async function prune(dir: string, inUse: ReadonlySet<string>, maxImages: number): Promise<string[]> {
  const images = await Promise.all(
    (await readdir(dir))
      .filter((name) => /^sha256-[a-f0-9]{64}$/.test(name))
      .map(async (name) => ({ digest: name.replace('-', ':'), usedAtMs: (await stat(path.join(dir, name))).mtimeMs })),
  )
  const spare = images.filter((image) => !inUse.has(image.digest)).sort((a, b) => a.usedAtMs - b.usedAtMs)
  const removed = spare.slice(0, Math.max(0, images.length - maxImages)).map((image) => image.digest)
  for (const digest of removed) await rm(folderOf(dir, digest), { recursive: true, force: true })
  return removed
}

/** Null in place of one kind of error, which says that there is no such image; every other goes on. */
function noneIf(kind: typeof RegistryError | typeof ImagePullError) {
  return (error: unknown): null => {
    if (error instanceof kind) return null
    throw error
  }
}
