import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { arch } from 'node:os'
import type { Readable } from 'node:stream'
import { downloadBlob, pullManifest, readBlob, type Session } from '@slipway/builder/registry'
import { type Manifest, parseManifest, type Registry } from '../index.ts'
import { ImagePullError } from './errors.ts'

/** A layer as a manifest names it. */
export interface Descriptor {
  digest: string
  mediaType: string
  size: number
}

/** An image where it is kept: what it consists of, and how to get that. */
export interface ImageSource {
  digest: string
  layers: readonly Descriptor[]
  /** Its configuration, as text. */
  config(): Promise<string>
  /**
   * The content of a layer, checked against its digest.
   * @param file may hold it meanwhile
   */
  open(layer: Descriptor, file: string): Promise<Readable>
}

const MAX_CONFIG_BYTES = 4 * 1024 ** 2
const DEFAULT_LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip'

/** An image of the embedded registry, by its digest; of an index the one for this machine. */
export async function embeddedImage(registry: Registry, digest: string): Promise<ImageSource> {
  const named = parseManifest(await registry.manifests.read(digest))
  const fitting = named.manifests === undefined ? null : fittingOf(named.manifests)
  const manifest = fitting === null ? named : parseManifest(await registry.manifests.read(fitting))
  const { config, layers = [] } = manifest
  if (config === undefined) throw new ImagePullError('the image has no configuration')
  return {
    digest,
    layers: layers.map(({ mediaType = DEFAULT_LAYER_TYPE, ...rest }) => ({ mediaType, ...rest })),
    config: () => readFile(registry.blobs.fileOf(config.digest), 'utf8'),
    // What the registry stored was checked then.
    open: async (layer) => registry.blobs.read(layer.digest),
  }
}

function fittingOf(manifests: NonNullable<Manifest['manifests']>): string {
  const architecture = arch() === 'x64' ? 'amd64' : arch()
  const isFitting = ({ platform }: (typeof manifests)[number]) =>
    platform === undefined || (platform.os === 'linux' && platform.architecture === architecture)
  const found = manifests.find(isFitting)
  if (found === undefined)
    throw new ImagePullError(`no match for platform linux/${architecture} in manifest: not found`)
  return found.digest
}

/** An image of another registry. */
export async function remoteImage(session: Session, reference: string, name: string): Promise<ImageSource> {
  const { digest, config, layers } = await pullManifest(session, reference, name)
  return {
    digest,
    layers,
    config: async () => (await readBlob(session, config, MAX_CONFIG_BYTES)).toString('utf8'),
    async open(layer, file) {
      await downloadBlob(session, layer, file)
      return createReadStream(file)
    },
  }
}
