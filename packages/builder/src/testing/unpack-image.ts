import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import type { Registries } from '../image/base.ts'
import { readBlob } from '../registry/download.ts'
import { pullManifest } from '../registry/manifest.ts'
import { openSession } from '../registry/session.ts'

/** Everything that an image holds: its configuration, and every file of every layer with its content. */
export interface UnpackedImage {
  config: string
  files: { layer: number; name: string; content: Buffer }[]
}

export async function unpackImage(from: Registries, repository: string, digest: string): Promise<UnpackedImage> {
  const session = openSession({ ...from, repository, access: 'pull' })
  const manifest = await pullManifest(session, digest, 'the image')
  const config = (await readBlob(session, manifest.config, 1024 ** 2)).toString('utf8')
  const files: UnpackedImage['files'] = []
  for (const [layer, descriptor] of manifest.layers.entries()) {
    const archive = extract()
    const blob = await readBlob(session, descriptor, 1024 ** 3)
    const source = Readable.from([blob]).pipe(createGunzip())
    source.on('error', (error) => archive.destroy(error))
    source.pipe(archive)
    for await (const entry of archive) {
      const chunks: Buffer[] = []
      for await (const chunk of Readable.from(entry)) chunks.push(chunk)
      files.push({ layer, name: entry.header.name, content: Buffer.concat(chunks) })
    }
  }
  return { config, files }
}
