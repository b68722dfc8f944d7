import { z } from 'zod'

const descriptorSchema = z.object({ digest: z.string(), size: z.number() })
type Descriptor = z.infer<typeof descriptorSchema>

/** An OCI image manifest, as far as sizes go. */
export const manifestSchema = z.object({ config: descriptorSchema, layers: z.array(descriptorSchema) })

/** Compressed sizes in bytes by digest: what a registry stores and a push sends. */
export interface ImageSize {
  layersBytes: number
  blobs: ReadonlyMap<string, number>
}

/** Sizes of an image and of its manifest itself. */
export function sizeOf(manifest: z.infer<typeof manifestSchema>, self: Descriptor): ImageSize {
  const blobs = [...manifest.layers, manifest.config, self].map(({ digest, size }): [string, number] => [digest, size])
  return { layersBytes: manifest.layers.reduce((sum, { size }) => sum + size, 0), blobs: new Map(blobs) }
}

/** Bytes of `image` that a registry with `before` lacks. */
export function newBytes(image: ImageSize, before: ImageSize): number {
  return [...image.blobs].filter(([digest]) => !before.blobs.has(digest)).reduce((sum, [, size]) => sum + size, 0)
}

const tokenSchema = z.object({ token: z.string() })

/** A token to read a repository of Slipway's own registry. */
export async function pullToken(
  slipwayUrl: string,
  account: { username: string; password: string },
  repository: string,
): Promise<string> {
  const query = new URLSearchParams({ service: 'slipway-registry', scope: `repository:${repository}:pull` })
  const authorization = `Basic ${btoa(`${account.username}:${account.password}`)}`
  const answer = await fetch(`${slipwayUrl}/registry/token?${query}`, { headers: { authorization } })
  return tokenSchema.parse(await answer.json()).token
}

/** Reads an image from a registry. */
export async function pullSize(origin: string, repository: string, digest: string, token: string): Promise<ImageSize> {
  const answer = await fetch(`${origin}/v2/${repository}/manifests/${digest}`, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json', authorization: `Bearer ${token}` },
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${origin} answered ${answer.status} for ${repository}@${digest}: ${text}`)
  return sizeOf(manifestSchema.parse(JSON.parse(text)), { digest, size: Buffer.byteLength(text) })
}
