import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Header, pack } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRegistry, type Registry } from '../index.ts'
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
    const left = (await readdir(path.join(dir, 'images'))).filter((name) => name !== 'layers' && name !== 'oci')
    expect(left).toEqual([kept.digest.replace(':', '-')])
    expect(await readdir(path.join(dir, 'images', 'layers'))).toHaveLength(1)
  })
})

describe('layers', () => {
  const base: Entry[] = [
    { name: 'deps', type: 'directory', mode: 0o755 },
    { name: 'deps/a.js', content: 'a' },
    { name: 'deps/tool', content: '#!/bin/sh', mode: 0o755 },
  ]
  const inodeOf = async (rootDir: string, name: string) => (await stat(path.join(rootDir, name))).ino

  it('are unpacked once, and their files shared by the images that have them', async () => {
    const references = [
      await push([base, [{ name: 'app.js', content: '1' }]]),
      await push([base, [{ name: 'app.js', content: '2' }]]),
    ]
    const [first, second] = await Promise.all(references.map((reference) => images.pull(reference, NEVER)))
    const [one, other] = [first?.rootDir ?? '', second?.rootDir ?? '']
    expect(one).not.toBe(other)
    expect(await inodeOf(one, 'deps/a.js')).toBe(await inodeOf(other, 'deps/a.js'))
    expect(await readFile(path.join(one, 'app.js'), 'utf8')).toBe('1')
    expect(await readFile(path.join(other, 'app.js'), 'utf8')).toBe('2')
    expect((await stat(path.join(other, 'deps/tool'))).mode & 0o111).toBe(0o111)
  })

  it('are copied for containers that write into their image', async () => {
    const reference = await push([base])
    const [shared, own] = [await images.pull(reference, NEVER), await images.pull(reference, NEVER, 'own')]
    await writeFile(path.join(own.rootDir, 'deps/a.js'), 'written')
    expect(await readFile(path.join(shared.rootDir, 'deps/a.js'), 'utf8')).toBe('a')
    expect((await images.lookup(reference, 'own'))?.rootDir).toBe(own.rootDir)
    expect(own.digest).toBe(shared.digest)
  })

  it('leave the layers below as they are', async () => {
    const below: Entry[] = [
      { name: 'x/file', content: 'below' },
      { name: 'y', content: 'a file' },
      { name: 'z/deep/file', content: 'z' },
      { name: 'out', type: 'symlink', linkname: 'z' },
    ]
    const { rootDir: before } = await images.pull(await push([below]), NEVER)
    const above: Entry[] = [
      { name: 'x', content: 'a file now' },
      { name: 'y/file', content: 'a folder now' },
      { name: 'z/deep/.wh.file' },
      { name: 'z/.wh.never-there' },
      { name: 'out/.wh.deep' },
      { name: 'z/again', type: 'link', linkname: 'z/file' },
      { name: 'z/file', content: 'new' },
    ]
    const first = [...below, { name: 'z/file', content: 'old' }]
    const { rootDir } = await images.pull(await push([first, above]), NEVER)
    expect(await readFile(path.join(rootDir, 'x'), 'utf8')).toBe('a file now')
    expect(await readFile(path.join(rootDir, 'y/file'), 'utf8')).toBe('a folder now')
    expect((await readdir(path.join(rootDir, 'z'))).sort()).toEqual(['again', 'deep', 'file'])
    expect(await readdir(path.join(rootDir, 'z/deep'))).toEqual([])
    expect(await readFile(path.join(before, 'x/file'), 'utf8')).toBe('below')
    expect(await readFile(path.join(before, 'z/deep/file'), 'utf8')).toBe('z')
  })

  it('link to files of layers below', async () => {
    const { rootDir } = await images.pull(
      await push([base, [{ name: 'deps/b.js', type: 'link', linkname: 'deps/a.js' }]]),
      NEVER,
    )
    expect(await readFile(path.join(rootDir, 'deps/b.js'), 'utf8')).toBe('a')
  })

  it('do not write through links of the layers below', async () => {
    const reference = await push([
      [
        { name: 'etc', type: 'symlink', linkname: 'real' },
        { name: 'real/kept', content: 'k' },
      ],
      [{ name: 'etc/file', content: 'x' }],
    ])
    await expect(images.pull(reference, NEVER)).rejects.toThrow('the image writes through the link etc')
  })

  it('are unpacked again when a crash left half of one', async () => {
    const layer: Entry[] = [{ name: 'whole', content: 'whole' }]
    const reference = await push([layer])
    const digest = `sha256:${createHash('sha256')
      .update(await layerOf(layer))
      .digest('hex')}`
    const half = path.join(dir, 'images', 'layers', `${digest.replace(':', '-')}.partial`)
    await mkdir(path.join(half, 'tree'), { recursive: true })
    await writeFile(path.join(half, 'tree', 'half'), '')
    const { rootDir } = await images.pull(reference, NEVER)
    expect(await readdir(rootDir)).toEqual(['whole'])
  })
})
