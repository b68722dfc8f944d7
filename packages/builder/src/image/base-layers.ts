import { openAsBlob } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { downloadBlob } from '../registry/download.ts'
import { RegistryFailure } from '../registry/failure.ts'
import type { Descriptor } from '../registry/manifest.ts'
import { openSession, type Session } from '../registry/session.ts'
import { beginUpload, sendBlob } from '../registry/upload.ts'
import type { BaseImage, PushTarget } from './base.ts'

/**
 * Puts layers of a base into the app's repository; answers the bytes that were sent. They are mounted where they are in the same
 * registry. Those of another are sent once and kept in the repository for base layers, which the next app mounts them from. They go
 * by their digests, so it does not matter who else may write there. Where a registry does not allow that, each app has its own copy.
 */
export function createBaseLayers(target: PushTarget, base: BaseImage, session: Session) {
  const isSameRegistry = base.session.origin === target.origin
  const { repository, baseRepository = null } = target
  const source = isSameRegistry ? base.session.repository : baseRepository
  // Tokens of their own: a registry that refuses one repository must not keep the image from its own.
  const mounting = source === null ? null : openSession({ ...target, access: 'push', mountFrom: source })
  let keeping =
    isSameRegistry || baseRepository === null
      ? null
      : openSession({ ...target, repository: baseRepository, access: 'push', mountFrom: repository })

  return async function put(layer: Descriptor): Promise<number> {
    const mounted = mounting === null ? NOT_MOUNTED : await mount(mounting, layer.digest, source)
    if (mounted.isMounted) return 0
    await copy(session, base, layer, mounted.location)
    if (keeping !== null && !(await mount(keeping, layer.digest, repository)).isMounted) keeping = null
    return layer.size
  }
}

interface Mounted {
  isMounted: boolean
  /** Of the upload that the registry began in its place. */
  location: URL | null
}

const NOT_MOUNTED: Mounted = { isMounted: false, location: null }

/** A registry that does not let us mount wants the content. */
async function mount(session: Session, digest: string, from: string | null): Promise<Mounted> {
  try {
    const location = await beginUpload(session, digest, from)
    return { isMounted: location === null, location }
  } catch (error) {
    const isRefused = error instanceof RegistryFailure && error.status !== null && error.status < 500
    if (isRefused) return NOT_MOUNTED
    throw error
  }
}

/** By way of the disk: an upload that is cut can then go on, and nothing unchecked is sent. */
async function copy(session: Session, base: BaseImage, layer: Descriptor, location: URL | null): Promise<void> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'slipway-base-'))
  try {
    const file = path.join(scratch, 'layer')
    await downloadBlob(base.session, layer, file)
    await sendBlob(session, { digest: layer.digest, blob: await openAsBlob(file) }, location)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
