import { createHash } from 'node:crypto'
import { z } from 'zod'
import { RegistryFailure } from './failure.ts'
import type { Session } from './session.ts'

/** What a manifest says of a content. Reference: https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export interface Descriptor {
  mediaType: string
  digest: string
  size: number
}

/** A manifest of one platform, as it is in the registry. */
export interface PulledManifest {
  digest: string
  config: Descriptor
  layers: Descriptor[]
}

const OCI = 'application/vnd.oci.image'
const DOCKER = 'application/vnd.docker.distribution'
export const MANIFEST_TYPE = `${OCI}.manifest.v1+json`
const SINGLE = [MANIFEST_TYPE, `${DOCKER}.manifest.v2+json`]
const INDEX = [`${OCI}.index.v1+json`, `${DOCKER}.manifest.list.v2+json`]
const MAX_MANIFEST_BYTES = 4 * 1024 ** 2

const descriptorSchema = z.object({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[a-f0-9]{64}$/),
  size: z.number().int().min(0),
})
const manifestSchema = z.object({ config: descriptorSchema, layers: z.array(descriptorSchema).max(1000) })
const indexSchema = z.object({
  manifests: z
    .array(
      descriptorSchema.extend({
        platform: z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }).optional(),
      }),
    )
    .max(1000),
})

const ARCHITECTURES: Record<string, string> = { x64: 'amd64', arm64: 'arm64' }
/** Platform of images that run where this builds. */
export const PLATFORM = { os: 'linux', architecture: ARCHITECTURES[process.arch] ?? process.arch }

export const digestOf = (content: Uint8Array) => `sha256:${createHash('sha256').update(content).digest('hex')}`

/**
 * Pulls the manifest of a tag or digest; of an index the one for this platform.
 * @param name how the image is called in sentences
 */
export async function pullManifest(session: Session, reference: string, name: string): Promise<PulledManifest> {
  const fetched = await fetchManifest(session, reference, name)
  if (!INDEX.includes(fetched.mediaType)) return { digest: fetched.digest, ...read(manifestSchema, fetched.json, name) }
  const { manifests } = read(indexSchema, fetched.json, name)
  const fitting = manifests.find(
    ({ platform }) => platform?.os === PLATFORM.os && platform.architecture === PLATFORM.architecture,
  )
  if (fitting === undefined) {
    throw new RegistryFailure(
      `The image ${name} is not built for ${PLATFORM.os}/${PLATFORM.architecture}.`,
      'Choose an image that is.',
      404,
    )
  }
  const single = await fetchManifest(session, fitting.digest, name)
  return { digest: single.digest, ...read(manifestSchema, single.json, name) }
}

async function fetchManifest(session: Session, reference: string, name: string) {
  const response = await session.send(`manifests/${reference}`, {
    headers: { accept: [...SINGLE, ...INDEX].join(', ') },
    expect: [200],
    purpose: `pull ${name}`,
  })
  const content = Buffer.from(await response.arrayBuffer())
  const digest = digestOf(content)
  if (content.length > MAX_MANIFEST_BYTES || (reference.startsWith('sha256:') && reference !== digest))
    throw damaged(name)
  const json = parseJson(content, name)
  const said = (response.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? ''
  const { mediaType } = z.object({ mediaType: z.string().optional() }).catch({}).parse(json)
  return { digest, mediaType: mediaType ?? said, json }
}

function read<T extends z.ZodType>(schema: T, json: unknown, name: string): z.infer<T> {
  const parsed = schema.safeParse(json)
  if (!parsed.success) throw damaged(name)
  return parsed.data
}

function parseJson(content: Buffer, name: string): unknown {
  try {
    return JSON.parse(content.toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged(name)
    throw error
  }
}

const damaged = (name: string) =>
  new RegistryFailure(
    `The registry gave something else than the manifest of ${name}.`,
    'Push again; if it fails again, the image must be pushed again.',
    null,
  )

/** Stores a manifest under its digest, or under a tag too. Answers the digest. */
export async function pushManifest(session: Session, manifest: object, tag: string | null): Promise<string> {
  const content = Buffer.from(JSON.stringify(manifest))
  const digest = digestOf(content)
  const response = await session.send(`manifests/${tag ?? digest}`, {
    method: 'PUT',
    headers: { 'content-type': MANIFEST_TYPE },
    body: new Blob([content]),
    expect: [201],
    purpose: 'push the manifest',
  })
  await response.body?.cancel()
  return digest
}
