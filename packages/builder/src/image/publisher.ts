import type { BuildLog } from '../log.ts'
import type { Layer } from '../pack.ts'
import { canonicalHost } from '../registry/reference.ts'
import { type BaseImage, type PushTarget, type Registries, resolveBase } from './base.ts'
import type { ImageSettings } from './config.ts'
import { type BuildIdentity, labelsOf } from './labels.ts'
import { type PushedImage, pushImage } from './push.ts'

/** Turns layers into an image in the registry. */
export interface Publisher {
  target: PushTarget
  /** Reference of a digest in the app's repository, as the cluster pulls it. */
  referenceOf(digest: string): string
  /** The base for a language in a version; null where images have none here. */
  base(language: string, version: string | null): Promise<BaseImage | null>
  /** Pushes an image and logs its size. */
  push(image: { base: BaseImage | null; layers: readonly Layer[]; settings: ImageSettings }): Promise<PushedImage>
}

export interface PublisherOptions {
  /** Origin of the registry that takes the image. */
  registryUrl: string
  /** Repository, `acme/shop-web`, and the prefix that references put before it: host, and a path where there is one. */
  repository: string
  imagePrefix: string
  /** Repository for the layers of base images of other registries; without it every app has its own copy. */
  baseRepository?: string | undefined
  credentials: Registries['credentials']
  baseImages: Readonly<Record<string, string>>
  identity: BuildIdentity
  signal: AbortSignal
  log: BuildLog
}

const KIB = 1024

/** `20.1 MiB`, `3 KiB`. */
const sizeOf = (bytes: number) =>
  bytes < KIB ** 2 ? `${Math.ceil(bytes / KIB)} KiB` : `${(bytes / KIB ** 2).toFixed(1)} MiB`

export function createPublisher(options: PublisherOptions): Publisher {
  const { imagePrefix, repository, credentials, identity, signal, log } = options
  const [prefixHost = '', ...path] = imagePrefix.replace(/\/+$/, '').split('/')
  const registries = { origin: new URL(options.registryUrl).origin, prefixHost, credentials, signal }
  // A tag keeps the image where a registry clears away what has none.
  const tag = `${identity.app.split('/')[2] ?? 'build'}-b${identity.number}`
  const below = (name: string) => [...path, name].join('/')
  const baseRepository = options.baseRepository === undefined ? null : below(options.baseRepository)
  const target = { ...registries, repository: below(repository), tag, baseRepository }
  return {
    target,
    referenceOf: (digest) => `${[canonicalHost(prefixHost), ...path, repository].join('/')}@${digest}`,
    async base(language, version) {
      const base = await resolveBase(options.baseImages, language, version, registries)
      if (base !== null) log.line(`Base image ${base.reference.replace(/(@sha256:.{12}).*/, '$1')}`)
      return base
    },
    async push({ base, layers, settings }) {
      const pushed = await pushImage(target, { base, layers, settings, labels: labelsOf(identity, base) })
      const [total, sent] = [pushed.totalBytes, pushed.sentBytes].map(sizeOf)
      log.line(`${total}, ${sent} uploaded; ${pushed.digest.slice(0, 'sha256:'.length + 12)}`)
      return pushed
    },
  }
}
