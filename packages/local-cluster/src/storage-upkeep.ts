import type { ApiCore } from './apiserver/core/core.ts'
import { asJson } from './apiserver/core/decode-body.ts'
import type { ImageStore } from './registry/images/index.ts'
import type { Registry } from './registry/index.ts'
import { objectList, optionalObject, stringOf } from './types/json.ts'
import { Pods } from './types/resources.ts'

const everyMs = 60 * 60_000
/** Unpacked images that are kept beside those in use, for quick rollbacks. */
const mostIdleImages = 50

/** Frees disk: blobs that no manifest names, and unpacked images that were not used for longest. Manifests stay, for rollbacks. */
export function startStorageUpkeep(parts: {
  registry: Registry
  images: ImageStore
  core: ApiCore
  log: {
    info(message: string, details?: Record<string, unknown>): void
    warn(message: string, details?: Record<string, unknown>): void
  }
}): { stop(): void } {
  const { registry, images, core, log } = parts
  const run = async () => {
    const freedBytes = await registry.collectGarbage()
    const inUse = digestsInUse(core)
    const removed = await images.prune({ inUse, maxImages: inUse.size + mostIdleImages })
    if (freedBytes > 0 || removed.length > 0)
      log.info('Disk space was freed', { freedBytes, imagesRemoved: removed.length })
  }
  const timer = setInterval(() => {
    run().catch((error: unknown) =>
      log.warn('Freeing disk space failed; it is tried again in an hour', { error: String(error) }),
    )
  }, everyMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

/** Digests that pods name, in their images or in what the node says it runs. */
function digestsInUse(core: ApiCore): Set<string> {
  const out = new Set<string>()
  for (const pod of core.store.list(Pods)) {
    const json = asJson(pod)
    const [spec, status] = [optionalObject(json, 'spec'), optionalObject(json, 'status')]
    const references = [
      ...objectList(spec, 'containers').map((container) => stringOf(container, 'image')),
      ...objectList(spec, 'initContainers').map((container) => stringOf(container, 'image')),
      ...objectList(status, 'containerStatuses').map((item) => stringOf(item, 'imageID')),
    ]
    for (const reference of references) {
      const digest = /sha256:[0-9a-f]{64}/.exec(reference)?.[0]
      if (digest !== undefined) out.add(digest)
    }
  }
  return out
}
