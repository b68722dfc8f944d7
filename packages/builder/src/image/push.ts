import { openAsBlob } from 'node:fs'
import type { Layer } from '../pack.ts'
import { type Descriptor, digestOf, MANIFEST_TYPE, pushManifest } from '../registry/manifest.ts'
import { openSession } from '../registry/session.ts'
import { missingBlobs, sendBlob } from '../registry/upload.ts'
import type { BaseImage, PushTarget } from './base.ts'
import { createBaseLayers } from './base-layers.ts'
import { type ImageSettings, mergeConfig } from './config.ts'

export interface ImageToPush {
  base: BaseImage | null
  /** Ours, lowest first. */
  layers: readonly Layer[]
  settings: ImageSettings
  labels: Readonly<Record<string, string>>
}

export interface PushedImage {
  digest: string
  /** Bytes of all layers, compressed, and those of them that had to be sent. */
  totalBytes: number
  sentBytes: number
}

const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json'
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip'
/** The same bytes under Docker's names and under OCI's: one manifest has one family of them. */
const OCI_LAYER_TYPES: Record<string, string> = {
  'application/vnd.docker.image.rootfs.diff.tar.gzip': LAYER_TYPE,
  'application/vnd.docker.image.rootfs.diff.tar': 'application/vnd.oci.image.layer.v1.tar',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip': LAYER_TYPE,
  'application/vnd.docker.image.rootfs.diff.tar.zstd': 'application/vnd.oci.image.layer.v1.tar+zstd',
}

/**
 * Pushes an image: the base's layers, then ours. What the repository has is not sent again.
 * Reference: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push
 */
export async function pushImage(target: PushTarget, image: ImageToPush): Promise<PushedImage> {
  const { base, layers, settings, labels } = image
  const session = openSession({ ...target, access: 'push' })
  const config = Buffer.from(JSON.stringify(mergeConfig(base?.config ?? null, layers, settings, labels)))
  const configDescriptor = { mediaType: CONFIG_TYPE, digest: digestOf(config), size: config.length }
  const baseLayers = base?.layers ?? []
  const all = [...baseLayers, ...layers, configDescriptor].map(({ digest }) => digest)
  const missing = await missingBlobs(session, all)
  let sentBytes = 0
  const putBaseLayer = base === null ? null : createBaseLayers(target, base, session)
  for (const layer of baseLayers) {
    if (putBaseLayer !== null && missing.delete(layer.digest)) sentBytes += await putBaseLayer(layer)
  }
  const own = [
    ...layers.map(({ digest, file, sizeBytes }) => ({ digest, sizeBytes, open: () => openAsBlob(file) })),
    { digest: configDescriptor.digest, sizeBytes: 0, open: () => Promise.resolve(new Blob([config])) },
  ].filter(({ digest }) => missing.delete(digest))
  // Beside each other: small ones take the time of two round trips to the registry.
  await Promise.all(own.map(async ({ digest, open }) => sendBlob(session, { digest, blob: await open() }, null)))
  for (const { sizeBytes } of own) sentBytes += sizeBytes
  const descriptors: Descriptor[] = [
    ...baseLayers.map((layer) => ({
      mediaType: OCI_LAYER_TYPES[layer.mediaType] ?? layer.mediaType,
      digest: layer.digest,
      size: layer.size,
    })),
    ...layers.map(({ digest, sizeBytes }) => ({ mediaType: LAYER_TYPE, digest, size: sizeBytes })),
  ]
  const manifest = { schemaVersion: 2, mediaType: MANIFEST_TYPE, config: configDescriptor, layers: descriptors }
  const digest = await pushManifest(session, manifest, target.tag)
  return { digest, totalBytes: descriptors.reduce((total, { size }) => total + size, 0), sentBytes }
}
