import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { type Header, pack } from 'tar-stream'
import type { Registry } from '../../registry/index.ts'

export type Entry = Partial<Pick<Header, 'type' | 'mode' | 'linkname' | 'uid' | 'gid'>> & {
  name: string
  content?: string | Buffer
}

/** A gzipped layer with these entries. */
export async function layerOf(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack()
  for (const { content, ...header } of entries) archive.entry(header, content ?? '')
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive) chunks.push(Buffer.from(chunk as Uint8Array))
  return gzipSync(Buffer.concat(chunks))
}

const BUSYBOX = '/bin/busybox'

/** A root file system: Debian's busybox-static under the names that tests use, and accounts. */
export function busybox(): Entry[] {
  const commands = [
    'sh',
    'cat',
    'echo',
    'id',
    'ls',
    'ps',
    'sleep',
    'kill',
    'env',
    'httpd',
    'wget',
    'stat',
    'touch',
    'test',
    'su',
  ]
  return [
    { name: 'bin', type: 'directory', mode: 0o755 },
    { name: 'bin/busybox', content: readFileSync(BUSYBOX), mode: 0o755 },
    ...commands.map((name): Entry => ({ name: `bin/${name}`, type: 'symlink', linkname: '/bin/busybox' })),
    { name: 'etc/passwd', content: 'root:x:0:0::/root:/bin/sh\nweb:x:101:102::/srv:/bin/sh\n' },
    { name: 'etc/group', content: 'root:x:0:\nweb:x:102:\nmedia:x:103:web\n' },
    { name: 'tmp', type: 'directory', mode: 0o1777 },
  ]
}

/** Puts an image into the embedded registry; answers its digest. */
export async function putImage(
  registry: Registry,
  name: string,
  layers: readonly (readonly Entry[])[],
  config: Record<string, unknown> = {},
): Promise<string> {
  const descriptors = []
  for (const entries of layers) {
    const layer = await layerOf(entries)
    const digest = await registry.blobs.put(layer)
    descriptors.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: layer.length })
  }
  const text = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config }))
  const digest = await registry.blobs.put(text)
  const mediaType = 'application/vnd.oci.image.config.v1+json'
  const manifest = { schemaVersion: 2, config: { mediaType, digest, size: text.length }, layers: descriptors }
  const content = Buffer.from(JSON.stringify(manifest))
  await registry.manifests.put(name, 'v1', content, 'application/vnd.oci.image.manifest.v1+json')
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}
