import { mkdir } from 'node:fs/promises'
import { RegistryError } from '../registry/errors.ts'
import type { Registry } from '../registry/index.ts'
import { findInCatalogue } from './catalogue/catalogue.ts'
import { ImagePullError, NO_RUNTIME_HINT } from './errors.ts'
import { parseReference } from './reference.ts'
import type { ImageFiles, StoredImage } from './stored-image.ts'
import { createUnpackedImages } from './unpacked-images.ts'

/** Images unpacked from the embedded registry, each digest once, as is each of their layers. */
export interface ImageStore {
  /** The image if it is unpacked, null otherwise. */
  lookup(reference: string, files?: ImageFiles): Promise<StoredImage | null>
  /** Unpacks the image; callers at the same time share one unpacking. Throws {@link ImagePullError}. */
  pull(reference: string, signal: AbortSignal, files?: ImageFiles): Promise<StoredImage>
  /**
   * Removes images that were not used for longest and are not in use, until what is left fits, and the layers that only they
   * had. Answers their digests.
   */
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
  const images = await createUnpackedImages(dir, registry)

  const catalogued = (text: string) =>
    options.hostPath === undefined ? null : findInCatalogue(parseReference(text), options.hostPath)
  const resolve = async (text: string) => {
    const { host, name, reference } = parseReference(text)
    if (host === null || !options.hosts.includes(host)) {
      throw unresolved(text, `it is not in the local cluster's registry. ${NO_RUNTIME_HINT}`)
    }
    const found = await registry.manifests.find(name, reference).catch(noneIf(RegistryError))
    if (found === null) throw unresolved(text, `${text}: not found`)
    return found.digest
  }
  return {
    async lookup(reference, files = 'shared') {
      const known = catalogued(reference)
      if (known !== null) return 'image' in known ? known.image : null
      const digest = await resolve(reference).catch(noneIf(ImagePullError))
      return digest === null ? null : images.find(digest, files)
    },
    async pull(reference, signal, files = 'shared') {
      signal.throwIfAborted()
      const known = catalogued(reference)
      if (known !== null && 'image' in known) return known.image
      if (known !== null) throw unresolved(reference, known.missing)
      const digest = await resolve(reference)
      const stored = await images.find(digest, files)
      if (stored !== null) return stored
      const key = `${files} ${digest}`
      const unpacking = running.get(key) ?? images.unpack(digest, files).finally(() => running.delete(key))
      running.set(key, unpacking)
      try {
        return await unpacking
      } catch (error) {
        if (error instanceof ImagePullError) throw error
        const message = error instanceof Error ? error.message : String(error)
        throw new ImagePullError(`failed to pull and unpack image "${reference}": ${message}`)
      }
    },
    prune: (options) => images.prune(options),
  }
}

/** In containerd's words. */
const unresolved = (reference: string, why: string) =>
  new ImagePullError(`failed to pull and unpack image "${reference}": failed to resolve image: ${why}`)

/** Null in place of one kind of error, which says that there is no such image; every other goes on. */
function noneIf(kind: typeof RegistryError | typeof ImagePullError) {
  return (error: unknown): null => {
    if (error instanceof kind) return null
    throw error
  }
}
