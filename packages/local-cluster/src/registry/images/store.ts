import path from 'node:path'
import { RegistryError } from '../errors.ts'
import type { Registry } from '../index.ts'
import { type CatalogueAnswer, findInCatalogue } from './catalogue/catalogue.ts'
import { ImagePullError, NO_RUNTIME_HINT } from './errors.ts'
import { createKnownReferences } from './known-references.ts'
import { parseReference } from './reference.ts'
import { findRemote, RegistryUnreachableError } from './remote.ts'
import { embeddedImage, type ImageSource } from './source.ts'
import type { ImageFiles, StoredImage } from './stored-image.ts'
import { createUnpackedImages } from './unpacked-images.ts'

/** Images unpacked from the embedded registry and others, each digest once, as is each of their layers. */
export interface ImageStore {
  /** The image if it is unpacked, null otherwise. */
  lookup(reference: string, files?: ImageFiles): Promise<StoredImage | null>
  /**
   * Unpacks the image; callers at the same time share one unpacking. Throws {@link ImagePullError}.
   * @param secrets texts of Docker configurations, for registries that want credentials
   */
  pull(reference: string, signal: AbortSignal, files?: ImageFiles, secrets?: readonly string[]): Promise<StoredImage>
  /**
   * Removes images that were not used for longest and are not in use, until what is left fits, and the layers that only they
   * had. Answers their digests.
   */
  prune(options: { inUse: ReadonlySet<string>; maxImages: number }): Promise<string[]>
}

export interface ImageStoreOptions {
  dir: string
  registry: Registry
  /** Names by which image references mean the embedded registry. */
  hosts: readonly string[]
  /** Where the embedded registry decides who may pull, `127.0.0.1:PORT`; without it everybody may. */
  guardedHost?: string
  /** Where programs of the catalogue are looked for; without it there is no catalogue. */
  hostPath?: string
  /** Other hosts than those of loopback whose registries speak plain HTTP. */
  plainHosts?: readonly string[]
}

const SILENT_MS = 60_000
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/

/** Opens the store. */
export async function createImageStore(options: ImageStoreOptions): Promise<ImageStore> {
  const { dir, registry } = options
  const running = new Map<string, Promise<StoredImage>>()
  const onMachine = await createUnpackedImages(dir)
  // Layers of the two are unpacked in different ways.
  const inRuntime = await createUnpackedImages(path.join(dir, 'oci'))
  const known = await createKnownReferences(path.join(dir, 'oci', 'references.json'))
  const imagesOf = (files: ImageFiles) => (files === 'image' ? inRuntime : onMachine)
  const isPlain = (host: string) => LOOPBACK.test(host) || options.plainHosts?.includes(host) === true
  const isEmbedded = (text: string) => options.hosts.includes(parseReference(text).host ?? '')

  const catalogued = (text: string): CatalogueAnswer | null =>
    options.hostPath === undefined ? null : findInCatalogue(parseReference(text), options.hostPath)

  const embeddedDigest = async (text: string) => {
    const { name, reference } = parseReference(text)
    const found = await registry.manifests.find(name, reference).catch(noneIfUnknown)
    return found?.digest ?? null
  }

  /** Until then a registry that could not be reached is not asked again for what a program of this machine stands for. */
  const silentUntilMs = new Map<string, number>()

  async function source(text: string, signal: AbortSignal, secrets: readonly string[]): Promise<ImageSource> {
    if (!isEmbedded(text)) return findRemote(text, secrets, isPlain, signal)
    // Asked as any other registry whether the pod may have the image, which is then read from the disk.
    if (options.guardedHost !== undefined) {
      const path = text.slice(text.indexOf('/'))
      await findRemote(`${options.guardedHost}${path}`, secrets, isPlain, signal)
    }
    const digest = await embeddedDigest(text)
    if (digest === null) throw new Error(`${text}: not found`)
    return embeddedImage(registry, digest)
  }

  async function unpack(text: string, found: ImageSource, files: ImageFiles): Promise<StoredImage> {
    const images = imagesOf(files)
    const stored = await images.find(found.digest, files)
    if (stored !== null) return stored
    const key = `${files} ${found.digest}`
    const unpacking = running.get(key) ?? images.unpack(found, files).finally(() => running.delete(key))
    running.set(key, unpacking)
    try {
      return await unpacking
    } catch (error) {
      if (error instanceof ImagePullError) throw error
      throw new ImagePullError(`failed to pull and unpack image "${text}": ${messageOf(error)}`)
    }
  }

  return {
    async lookup(text, files = 'shared') {
      const program = files === 'image' ? null : catalogued(text)
      if (program !== null) return 'image' in program ? program.image : null
      if (!isEmbedded(text) && files !== 'image') return null
      const digest = isEmbedded(text) ? await embeddedDigest(text) : known.find(text)
      return digest === null ? null : imagesOf(files).find(digest, files)
    },
    async pull(text, signal, files = 'shared', secrets = []) {
      signal.throwIfAborted()
      const program = catalogued(text)
      if (files !== 'image' && program !== null) return programOf(text, program)
      if (files !== 'image' && !isEmbedded(text)) {
        throw unresolved(text, `it is not in the local cluster's registry. ${NO_RUNTIME_HINT}`)
      }
      const host = parseReference(text).host ?? ''
      const standIn = program !== null && 'image' in program ? program.image : null
      if (standIn !== null && (silentUntilMs.get(host) ?? 0) > Date.now()) return standIn
      try {
        const found = await source(text, signal, secrets)
        const stored = await unpack(text, found, files)
        if (!isEmbedded(text)) await known.set(text, stored.digest)
        return stored
      } catch (error) {
        if (error instanceof ImagePullError) throw error
        // Where its registry cannot be reached, this machine's own program stands for it, as it does without a runtime.
        if (error instanceof RegistryUnreachableError && standIn !== null) {
          silentUntilMs.set(host, Date.now() + SILENT_MS)
          return standIn
        }
        throw unresolved(text, messageOf(error))
      }
    },
    async prune(how) {
      return [...(await onMachine.prune(how)), ...(await inRuntime.prune(how))]
    },
  }
}

function programOf(text: string, program: CatalogueAnswer): StoredImage {
  if ('image' in program) return program.image
  throw unresolved(text, program.missing)
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** In containerd's words. */
const unresolved = (reference: string, why: string) =>
  new ImagePullError(`failed to pull and unpack image "${reference}": failed to resolve image: ${why}`)

/** Null in place of an error that says that there is no such image; every other goes on. */
function noneIfUnknown(error: unknown): null {
  if (error instanceof RegistryError) return null
  throw error
}
