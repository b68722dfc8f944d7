import { openAsBlob } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Layer } from '../pack.ts'
import { downloadBlob } from '../registry/download.ts'
import { type Descriptor, digestOf, MANIFEST_TYPE, pushManifest } from '../registry/manifest.ts'
import { openSession, type Session } from '../registry/session.ts'
import { beginUpload, missingBlobs, sendBlob } from '../registry/upload.ts'
import type { BaseImage, Registries } from './base.ts'
import { type ImageSettings, mergeConfig } from './config.ts'

/** Where an image is pushed to. */
export interface PushTarget extends Registries {
  /** Repository in the registry, with the path of the prefix. */
  repository: string
  /** Tag beside the digest, so that a registry that removes what has none keeps it. */
  tag: string
}

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
 * Pushes an image: the base's layers, then ours. What the repository has is not sent again; the base's layers are mounted where
 * they are in the same registry, and copied one by one otherwise.
 * Reference: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push
 */
export async function pushImage(target: PushTarget, image: ImageToPush): Promise<PushedImage> {
  const { base, layers, settings, labels } = image
  const isSameRegistry = base?.session.origin === target.origin
  const mountFrom = isSameRegistry ? base.session.repository : null
  const session = openSession({ ...target, access: 'push', mountFrom })
  const config = Buffer.from(JSON.stringify(mergeConfig(base?.config ?? null, layers, settings, labels)))
  const configDescriptor = { mediaType: CONFIG_TYPE, digest: digestOf(config), size: config.length }
  const baseLayers = base?.layers ?? []
  const all = [...baseLayers, ...layers, configDescriptor].map(({ digest }) => digest)
  const missing = await missingBlobs(session, all)
  let sentBytes = 0
  for (const layer of baseLayers) {
    if (base !== null && missing.delete(layer.digest)) sentBytes += await pushBaseLayer(session, layer, base, mountFrom)
  }
  for (const { digest, file, sizeBytes } of layers) {
    if (!missing.delete(digest)) continue
    await sendBlob(session, { digest, blob: await openAsBlob(file) }, null)
    sentBytes += sizeBytes
  }
  if (missing.has(configDescriptor.digest))
    await sendBlob(session, { digest: configDescriptor.digest, blob: new Blob([config]) }, null)
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

/** Mounts a layer of the base or copies it; answers the bytes that were sent. */
async function pushBaseLayer(
  session: Session,
  layer: Descriptor,
  base: BaseImage,
  mountFrom: string | null,
): Promise<number> {
  const location = await beginUpload(session, layer.digest, mountFrom)
  if (location === null) return 0
  // On disk rather than passed on: an upload that is cut can then go on, and nothing unchecked is sent.
  const scratch = await mkdtemp(path.join(tmpdir(), 'slipway-base-'))
  try {
    const file = path.join(scratch, 'layer')
    await downloadBlob(base.session, layer, file)
    await sendBlob(session, { digest: layer.digest, blob: await openAsBlob(file) }, location)
    return layer.size
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
