import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Header, pack } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRegistry, type Registry } from '../registry/index.ts'
import { canonicalImage, createImageStore, type ImageStore, parseReference } from './index.ts'

const HOST = 'registry.slipway.internal'
const NEVER = new AbortController().signal

let dir: string
let registry: Registry
let images: ImageStore

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'images-'))
  registry = await createRegistry({ dir: path.join(dir, 'registry') })
  images = await createImageStore({ dir: path.join(dir, 'images'), registry, hosts: [HOST] })
})
afterAll(() => rm(dir, { recursive: true, force: true }))

type Entry = Partial<Pick<Header, 'type' | 'mode' | 'linkname'>> & { name: string; content?: string }

async function layerOf(entries: Entry[]): Promise<Buffer> {
  const archive = pack()
  for (const { content, ...header } of entries) archive.entry(header, content ?? '')
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive) chunks.push(Buffer.from(chunk as Uint8Array))
  return gzipSync(Buffer.concat(chunks))
}

let count = 0
async function push(layers: Entry[][], labels: Record<string, string> = { 'dev.slipway.runtime': 'process/1' }) {
  const config = Buffer.from(
    JSON.stringify({ config: { Cmd: ['node', 'x.js'], Env: ['A=b'], WorkingDir: '/app', Labels: labels } }),
  )
  const descriptors = []
  for (const entries of layers) {
    const layer = await layerOf(entries)
    const digest = await registry.blobs.put(layer)
    descriptors.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: layer.length })
  }
  const digest = await registry.blobs.put(config)
  const manifest = { schemaVersion: 2, config: { digest, size: config.length }, layers: descriptors }
  count += 1
  const name = `acme/app-${count}`
  const content = Buffer.from(JSON.stringify(manifest))
  await registry.manifests.put(name, 'v1', content, 'application/vnd.oci.image.manifest.v1+json')
  return `${HOST}/${name}@sha256:${createHash('sha256').update(content).digest('hex')}`
}

describe('image references', () => {
  it.each([
    ['busybox', 'docker.io/library/busybox:latest'],
    ['node:20', 'docker.io/library/node:20'],
    ['acme/web:1', 'docker.io/acme/web:1'],
    ['localhost:5000/web', 'localhost:5000/web:latest'],
    [`ghcr.io/acme/web@sha256:${'a'.repeat(64)}`, `ghcr.io/acme/web@sha256:${'a'.repeat(64)}`],
  ])('%s is reported as %s', (text, reported) => {
    expect(canonicalImage(text)).toBe(reported)
  })

  it.each([
    ['nginx', { host: null, name: 'nginx', reference: 'latest' }],
    ['acme/web:1.2', { host: null, name: 'acme/web', reference: '1.2' }],
    ['ghcr.io/acme/web', { host: 'ghcr.io', name: 'acme/web', reference: 'latest' }],
    ['127.0.0.1:5000/a:b', { host: '127.0.0.1:5000', name: 'a', reference: 'b' }],
    [`localhost/a:b@sha256:${'0'.repeat(64)}`, { host: 'localhost', name: 'a', reference: `sha256:${'0'.repeat(64)}` }],
  ])('reads %s', (text, expected) => expect(parseReference(text)).toEqual(expected))
})

describe('image store', () => {
  it('unpacks layers in order, with links and whiteouts, once', async () => {
    const reference = await push([
      [
        { name: 'app', type: 'directory', mode: 0o755 },
        { name: 'app/server.js', content: 'old', mode: 0o644 },
        { name: 'app/gone.txt', content: 'gone' },
        { name: 'app/full/a', content: 'a' },
        { name: 'app/run.sh', content: '#!/bin/sh', mode: 0o755 },
      ],
      [
        { name: 'app/server.js', content: 'new' },
        { name: 'app/.wh.gone.txt' },
        { name: 'app/full/.wh..wh..opq' },
        { name: 'app/full/b', content: 'b' },
        { name: 'app/link', type: 'symlink', linkname: '/app/server.js' },
        { name: 'app/hard', type: 'link', linkname: 'app/server.js' },
      ],
    ])
    expect(await images.lookup(reference)).toBeNull()
    const [first, second] = await Promise.all([images.pull(reference, NEVER), images.pull(reference, NEVER)])
    expect(second.rootDir).toBe(first.rootDir)
    expect(first.config).toMatchObject({ Cmd: ['node', 'x.js'], Env: ['A=b'], WorkingDir: '/app' })
    const app = path.join(first.rootDir, 'app')
    expect((await readdir(app)).sort()).toEqual(['full', 'hard', 'link', 'run.sh', 'server.js'])
    expect(await readdir(path.join(app, 'full'))).toEqual(['b'])
    expect(await readFile(path.join(app, 'link'), 'utf8')).toBe('new')
    expect(await readlink(path.join(app, 'link'))).toBe('server.js')
    expect(await readFile(path.join(app, 'hard'), 'utf8')).toBe('new')
    expect((await stat(path.join(app, 'run.sh'))).mode & 0o111).toBe(0o111)
    expect((await images.lookup(reference))?.digest).toBe(first.digest)
  })

  it.each<[string, Entry[]]>([
    ['a path that leads out', [{ name: '../evil', content: 'x' }]],
    ['an absolute link that leads out', [{ name: 'a', type: 'symlink', linkname: '../../etc/passwd' }]],
    [
      'a file written through a link',
      [
        { name: 'd', type: 'symlink', linkname: '.' },
        { name: 'd/f', content: 'x' },
      ],
    ],
    ['a hard link to nothing of its own', [{ name: 'h', type: 'link', linkname: 'etc/passwd' }]],
    ['a device', [{ name: 'dev', type: 'character-device' }]],
  ])('refuses %s and leaves nothing behind', async (_what, entries) => {
    const reference = await push([entries])
    await expect(images.pull(reference, NEVER)).rejects.toThrow('failed to pull and unpack image')
    expect((await readdir(path.join(dir, 'images'))).filter((name) => name.endsWith('.partial'))).toHaveLength(0)
    expect(await images.lookup(reference)).toBeNull()
  })

  it('says what it can run and how to connect a cluster', async () => {
    for (const reference of ['nginx:1.29', 'ghcr.io/acme/web', await push([[]], {})]) {
      await expect(images.pull(reference, NEVER)).rejects.toThrow(/pushed with git.*set KUBECONFIG and DATABASE_URL/)
    }
    await expect(images.pull(`${HOST}/acme/none:v1`, NEVER)).rejects.toThrow('not found')
  })

  it('prunes what was not used for longest', async () => {
    const kept = await images.pull(await push([[{ name: 'kept', content: '1' }]]), NEVER)
    const spare = await push([[{ name: 'spare', content: '2' }]])
    await images.pull(spare, NEVER)
    const removed = await images.prune({ inUse: new Set([kept.digest]), maxImages: 1 })
    expect(removed).not.toContain(kept.digest)
    expect(await images.lookup(spare)).toBeNull()
    expect(await readdir(path.join(dir, 'images'))).toHaveLength(1)
  })
})
