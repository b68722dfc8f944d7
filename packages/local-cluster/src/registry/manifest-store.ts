import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { absentAs } from '../system-error.ts'
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

/** Manifests and tags of repositories: small files beside the blobs, each replaced by a rename. */
export class ManifestStore {
  readonly #dir: string
  readonly #blobs: BlobStore

  constructor(dir: string, blobs: BlobStore) {
    this.#dir = path.join(dir, 'repositories')
    this.#blobs = blobs
  }

  prepare(): Promise<unknown> {
    return mkdir(this.#dir, { recursive: true })
  }

  /** Stores a manifest under a tag or its digest; everything it names has to be there. */
  async put(name: string, reference: string, content: Buffer, mediaType: string): Promise<string> {
    checkName(name)
    const manifest = parseManifest(content)
    for (const { digest } of [...(manifest.layers ?? []), ...(manifest.config ? [manifest.config] : [])]) {
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
    await writeWhole(this.#file(name, 'manifests', digest.replace(':', '-')), mediaType)
    if (!isDigest(reference)) await writeWhole(this.#file(name, 'tags', tagOf(reference)), digest)
    return digest
  }

  /** Digest and media type of a tag or digest of the repository, null where there is none. */
  async find(name: string, reference: string): Promise<{ digest: string; mediaType: string } | null> {
    const digest = isDigest(reference) ? reference : await readOrNull(this.#file(name, 'tags', tagOf(reference)))
    if (digest === null) return null
    const mediaType = await readOrNull(this.#file(name, 'manifests', digest.replace(':', '-')))
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
    await rm(this.#file(name, 'manifests', reference.replace(':', '-')), { force: true })
  }

  /** Digests of everything that any manifest still needs. */
  async reachable(): Promise<Set<string>> {
    const keep = new Set<string>()
    for (const entry of await readdir(this.#dir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || path.basename(entry.parentPath) !== '_manifests') continue
      const digest = entry.name.replace('-', ':')
      const manifest = parseManifest(await this.read(digest))
      keep.add(digest)
      const named = [
        ...(manifest.layers ?? []),
        ...(manifest.manifests ?? []),
        ...(manifest.config ? [manifest.config] : []),
      ]
      for (const each of named) keep.add(each.digest)
    }
    return keep
  }

  /** The `_` can not be part of a name's component, so repositories nest without meeting these folders. */
  #file(name: string, kind: 'manifests' | 'tags', file: string): string {
    checkName(name)
    return path.join(this.#dir, name, `_${kind}`, file)
  }
}

function checkName(name: string): void {
  if (NAME.test(name) && name.length <= 255) return
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
