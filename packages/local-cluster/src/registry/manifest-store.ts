import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { absentAs } from '../types/system-error.ts'
import { type BlobStore, isDigest } from './blob-store.ts'
import { RegistryError } from './errors.ts'

const NAME = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024

const descriptor = z.object({ mediaType: z.string().optional(), digest: z.string(), size: z.number() })
const platform = z.object({ os: z.string().optional(), architecture: z.string().optional() }).optional()
const manifestSchema = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  config: descriptor.optional(),
  layers: z.array(descriptor).max(1000).optional(),
  manifests: z.array(descriptor.extend({ platform })).max(100).optional(),
})
export type Manifest = z.infer<typeof manifestSchema>

/**
 * What repositories hold: manifests and tags, and which blobs they have. Small files beside the blobs, each replaced by a
 * rename. Blobs are stored once; a repository gives out only those that were pushed or mounted into it.
 */
export class ManifestStore {
  readonly #dir: string
  readonly #blobs: BlobStore

  constructor(dir: string, blobs: BlobStore) {
    this.#dir = path.join(dir, 'repositories')
    this.#blobs = blobs
  }

  async prepare(): Promise<void> {
    await mkdir(this.#dir, { recursive: true })
    const marker = path.join(this.#dir, '_linked')
    if ((await readOrNull(marker)) !== null) return
    // Until 2026-11 every repository gave out every blob: what its manifests name is what it has.
    for (const { repository, file } of await this.#files('_manifests')) {
      if ((await this.#blobs.size(digestOf(file))) === null) continue
      for (const digest of blobsOf(parseManifest(await this.read(digestOf(file)))))
        await this.linkBlob(repository, digest)
    }
    await writeWhole(marker, '')
  }

  /** True where the blob is here and was pushed or mounted into the repository. */
  async hasBlob(name: string, digest: string): Promise<boolean> {
    if ((await this.#blobs.size(digest)) === null) return false
    return (await readOrNull(this.#file(name, 'blobs', fileNameOf(digest)))) !== null
  }

  linkBlob(name: string, digest: string): Promise<void> {
    return writeWhole(this.#file(name, 'blobs', fileNameOf(digest)), '')
  }

  /** Stores a manifest under a tag or its digest; everything it names has to be there. */
  async put(name: string, reference: string, content: Buffer, mediaType: string): Promise<string> {
    checkName(name)
    const manifest = parseManifest(content)
    for (const digest of blobsOf(manifest)) {
      if ((await this.#blobs.size(digest)) === null)
        throw new RegistryError('MANIFEST_BLOB_UNKNOWN', `blob ${digest} is not here`)
    }
    for (const { digest } of manifest.manifests ?? []) {
      if ((await this.find(name, digest)) === null)
        throw new RegistryError('MANIFEST_BLOB_UNKNOWN', `manifest ${digest} is not here`)
    }
    const digest = await this.#blobs.put(content)
    if (isDigest(reference) && reference !== digest) {
      throw new RegistryError('DIGEST_INVALID', `the manifest has digest ${digest}, not ${reference}`)
    }
    await writeWhole(this.#file(name, 'manifests', fileNameOf(digest)), mediaType)
    if (!isDigest(reference)) await writeWhole(this.#file(name, 'tags', tagOf(reference)), digest)
    return digest
  }

  /** Digest and media type of a tag or digest of the repository, null where there is none. */
  async find(name: string, reference: string): Promise<{ digest: string; mediaType: string } | null> {
    const digest = isDigest(reference) ? reference : await readOrNull(this.#file(name, 'tags', tagOf(reference)))
    if (digest === null) return null
    const mediaType = await readOrNull(this.#file(name, 'manifests', fileNameOf(digest)))
    return mediaType === null ? null : { digest, mediaType }
  }

  read(digest: string): Promise<Buffer> {
    return readFile(this.#blobs.fileOf(digest))
  }

  async tags(name: string): Promise<string[]> {
    return (await readdirOrEmpty(this.#file(name, 'tags', ''))).sort()
  }

  /** Removes a tag, or a manifest with every tag that points to it. */
  async delete(name: string, reference: string): Promise<void> {
    const found = await this.find(name, reference)
    if (found === null) throw new RegistryError('MANIFEST_UNKNOWN', `no manifest ${reference} in ${name}`)
    if (!isDigest(reference)) {
      await rm(this.#file(name, 'tags', tagOf(reference)), { force: true })
      return
    }
    for (const tag of await this.tags(name)) {
      const file = this.#file(name, 'tags', tag)
      if ((await readOrNull(file)) === reference) await rm(file, { force: true })
    }
    await rm(this.#file(name, 'manifests', fileNameOf(reference)), { force: true })
  }

  /** Digests of everything that any manifest still needs. */
  async reachable(): Promise<Set<string>> {
    const keep = new Set<string>()
    for (const { file } of await this.#files('_manifests')) {
      const digest = digestOf(file)
      const manifest = parseManifest(await this.read(digest))
      for (const each of [digest, ...blobsOf(manifest), ...(manifest.manifests ?? []).map((one) => one.digest)])
        keep.add(each)
    }
    return keep
  }

  /** Forgets blobs that are no longer here. */
  async forgetBlobs(): Promise<void> {
    for (const { repository, file } of await this.#files('_blobs')) {
      if ((await this.#blobs.size(digestOf(file))) === null)
        await rm(this.#file(repository, 'blobs', file), { force: true })
    }
  }

  /** Files of all repositories in the folders of this name. */
  async #files(folder: '_manifests' | '_blobs'): Promise<{ repository: string; file: string }[]> {
    const entries = await readdir(this.#dir, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => path.basename(entry.parentPath) === folder && FILE.test(entry.name))
      .map((entry) => ({ repository: path.relative(this.#dir, path.dirname(entry.parentPath)), file: entry.name }))
  }

  /** The `_` can not be part of a name's component, so repositories nest without meeting these folders. */
  #file(name: string, kind: 'manifests' | 'tags' | 'blobs', file: string): string {
    checkName(name)
    return path.join(this.#dir, name, `_${kind}`, file)
  }
}

const FILE = /^sha256-[a-f0-9]{64}$/
const fileNameOf = (digest: string) => digest.replace(':', '-')
const digestOf = (file: string) => file.replace('-', ':')

/** Digests of the configuration and the layers. */
export const blobsOf = ({ layers = [], config }: Manifest): string[] =>
  [...layers, ...(config === undefined ? [] : [config])].map(({ digest }) => digest)

export const isRepositoryName = (name: string) => NAME.test(name) && name.length <= 255

function checkName(name: string): void {
  if (isRepositoryName(name)) return
  throw new RegistryError('NAME_INVALID', `"${name}" is not a repository name`)
}

export function parseManifest(content: Buffer): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(content.toString('utf8')))
  } catch (error) {
    throw new RegistryError(
      'MANIFEST_INVALID',
      `the manifest cannot be read: ${error instanceof Error ? error.message : error}`,
    )
  }
}

function tagOf(reference: string): string {
  if (!TAG.test(reference)) throw new RegistryError('MANIFEST_INVALID', `"${reference}" is neither a tag nor a digest`)
  return reference
}

async function writeWhole(file: string, content: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  const aside = `${file}.${randomUUID()}`
  await writeFile(aside, content, { flush: true })
  await rename(aside, file)
}

const readOrNull = (file: string): Promise<string | null> => readFile(file, 'utf8').catch(absentAs(null))

const readdirOrEmpty = (dir: string): Promise<string[]> => readdir(dir).catch(absentAs([]))
