import { readBlob } from '../registry/download.ts'
import { parseJsonBuffer } from '../registry/json.ts'
import { pullManifest } from '../registry/manifest.ts'
import { openSession } from '../registry/session.ts'
import type { Registries } from './base.ts'
import { type ImageConfig, imageConfigSchema } from './config.ts'

const MAX_CONFIG_BYTES = 4 * 1024 ** 2

/** Configuration of an image in our registry. */
export async function inspectImage(registries: Registries, repository: string, digest: string): Promise<ImageConfig> {
  const session = openSession({ ...registries, repository, access: 'pull' })
  const manifest = await pullManifest(session, digest, `the image ${digest.slice(0, 'sha256:'.length + 12)}`)
  return imageConfigSchema.parse(parseJsonBuffer(await readBlob(session, manifest.config, MAX_CONFIG_BYTES)))
}
