import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRegistry, type Registry } from './index.ts'

const sha = (content: Buffer | string) => `sha256:${createHash('sha256').update(content).digest('hex')}`

let dir: string
let registry: Registry
let server: Server
let origin: string

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'registry-'))
  registry = await createRegistry({ dir, maxBlobBytes: 1024 * 1024 })
  server = createServer((request, response) => {
    registry.handle(request, response).then((handled) => {
      if (!handled) response.writeHead(418).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  origin = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`
})
afterAll(async () => {
  server.close()
  await rm(dir, { recursive: true, force: true })
})

const send = (method: string, where: string, body?: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(new URL(where, origin), {
    method,
    headers,
    ...(body === undefined ? {} : { body: new Uint8Array(Buffer.from(body)) }),
  })

async function pushBlob(name: string, content: string): Promise<string> {
  const started = await send('POST', `/v2/${name}/blobs/uploads/`)
  const digest = sha(content)
  const done = await send('PUT', `${started.headers.get('location')}?digest=${digest}`, content)
  expect(done.status).toBe(201)
  return digest
}

async function pushImage(name: string, tag: string, content: string) {
  const config = await pushBlob(name, '{}')
  const layer = await pushBlob(name, content)
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: config, size: 2 },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: layer, size: content.length }],
  })
  const headers = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }
  return { manifest, layer, response: await send('PUT', `/v2/${name}/manifests/${tag}`, manifest, headers) }
}

const codeOf = async (response: Response) => {
  const body = (await response.json()) as { errors: { code: string }[] }
  return body.errors[0]?.code
}

describe('registry', () => {
  it('answers the version check and leaves other paths alone', async () => {
    expect((await send('GET', '/v2/')).status).toBe(200)
    expect((await send('GET', '/v1/')).status).toBe(418)
  })

  it('takes an image in pieces and gives it back by tag and by digest', async () => {
    const { manifest, layer, response } = await pushImage('acme/shop-web', 'v1', 'a layer')
    expect(response.status).toBe(201)
    const digest = sha(manifest)
    expect(response.headers.get('docker-content-digest')).toBe(digest)
    for (const reference of ['v1', digest]) {
      const answer = await send('GET', `/v2/acme/shop-web/manifests/${reference}`)
      expect(answer.headers.get('content-type')).toBe('application/vnd.oci.image.manifest.v1+json')
      expect(await answer.text()).toBe(manifest)
    }
    const blob = await send('GET', `/v2/acme/shop-web/blobs/${layer}`)
    expect(await blob.text()).toBe('a layer')
    const head = await send('HEAD', `/v2/acme/shop-web/blobs/${layer}`)
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '7'])
    const part = await send('GET', `/v2/acme/shop-web/blobs/${layer}`, undefined, { range: 'bytes=2-4' })
    expect([part.status, await part.text()]).toEqual([206, 'lay'])
    expect(await (await send('GET', '/v2/acme/shop-web/tags/list')).json()).toEqual({
      name: 'acme/shop-web',
      tags: ['v1'],
    })
  })

  it('takes a blob in chunks and says how far it is', async () => {
    const started = await send('POST', '/v2/acme/chunks/blobs/uploads/')
    const location = started.headers.get('location') ?? ''
    const first = await send('PATCH', location, 'hello ', { 'content-range': '0-5' })
    expect([first.status, first.headers.get('range')]).toEqual([202, '0-5'])
    expect((await send('PATCH', location, 'again', { 'content-range': '0-4' })).status).toBe(416)
    expect((await send('GET', location)).headers.get('range')).toBe('0-5')
    await send('PATCH', location, 'world', { 'content-range': '6-10' })
    const digest = sha('hello world')
    expect((await send('PUT', `${location}?digest=${digest}`)).status).toBe(201)
    expect(await (await send('GET', `/v2/acme/chunks/blobs/${digest}`)).text()).toBe('hello world')
    const mounted = await send('POST', `/v2/other/repo/blobs/uploads/?mount=${digest}&from=acme/chunks`)
    expect(mounted.status).toBe(201)
  })

  it('refuses a wrong digest, a missing blob, a bad name, a blob over the limit, and keeps nothing of them', async () => {
    const started = await send('POST', '/v2/acme/bad/blobs/uploads/')
    const wrong = await send('PUT', `${started.headers.get('location')}?digest=${sha('other')}`, 'content')
    expect([wrong.status, await codeOf(wrong)]).toEqual([400, 'DIGEST_INVALID'])
    expect((await send('HEAD', `/v2/acme/bad/blobs/${sha('other')}`)).status).toBe(404)
    const manifest = JSON.stringify({ schemaVersion: 2, layers: [{ digest: sha('nowhere'), size: 1 }] })
    const missing = await send('PUT', '/v2/acme/bad/manifests/v1', manifest)
    expect([missing.status, await codeOf(missing)]).toEqual([404, 'MANIFEST_BLOB_UNKNOWN'])
    expect(await codeOf(await send('PUT', '/v2/acme/bad/manifests/v1', 'not json'))).toBe('MANIFEST_INVALID')
    expect(await codeOf(await send('PUT', '/v2/Acme/..%2f/manifests/v1', '{}'))).toBe('NAME_INVALID')
    expect(await codeOf(await send('GET', '/v2/acme/bad/manifests/..%2f..%2fx'))).toBe('MANIFEST_INVALID')
    const large = 'x'.repeat(1024 * 1024 + 1)
    const upload = await send('POST', '/v2/acme/bad/blobs/uploads/')
    const refused = await send('PUT', `${upload.headers.get('location')}?digest=${sha(large)}`, large)
    expect([refused.status, await codeOf(refused)]).toEqual([413, 'SIZE_INVALID'])
    expect(await readdir(path.join(dir, 'uploads'))).toEqual([])
  })

  it('collects what no manifest names, but not what was pushed just now', async () => {
    const { layer } = await pushImage('acme/kept', 'v1', 'kept layer')
    const { layer: dropped, manifest } = await pushImage('acme/dropped', 'v1', 'dropped layer')
    expect((await send('DELETE', `/v2/acme/dropped/manifests/${sha(manifest)}`)).status).toBe(202)
    expect(await registry.collectGarbage()).toBe(0)
    expect(await registry.collectGarbage({ minAgeMs: 0, nowMs: Date.now() + 1000 })).toBeGreaterThan(0)
    expect((await send('HEAD', `/v2/acme/kept/blobs/${layer}`)).status).toBe(200)
    expect((await send('HEAD', `/v2/acme/dropped/blobs/${dropped}`)).status).toBe(404)
    expect((await send('GET', '/v2/acme/kept/manifests/v1')).status).toBe(200)
  })
})
