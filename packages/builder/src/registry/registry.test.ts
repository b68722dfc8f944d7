import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BuildFailure } from '../failure.ts'
import { type CuttingProxy, startCuttingProxy } from '../testing/cutting-proxy.ts'
import { hasProgram } from '../testing/docker-registry.ts'
import { REGISTRIES, startEmbeddedRegistry, type TestRegistry } from '../testing/registries.ts'
import { uploadBlob } from '../testing/upload-blob.ts'
import { NO_CREDENTIALS } from './credentials.ts'
import { downloadBlob, readBlob } from './download.ts'
import { MANIFEST_TYPE, PLATFORM, pullManifest, pushManifest } from './manifest.ts'
import { openSession } from './session.ts'
import { beginUpload, hasBlob, sendBlob } from './upload.ts'

const MIB = 1024 ** 2
const signal = new AbortController().signal
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-registry-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const session = (origin: string, repository = 'acme/app', mountFrom: string | null = null) =>
  openSession({ origin, repository, credentials: NO_CREDENTIALS, access: 'push', mountFrom, signal })

function content(bytes: number) {
  const buffer = randomBytes(bytes)
  const digest = `sha256:${createHash('sha256').update(buffer).digest('hex')}`
  return { digest, blob: new Blob([buffer]), buffer, size: bytes, mediaType: 'application/octet-stream' }
}

const names = Object.keys(REGISTRIES) as (keyof typeof REGISTRIES)[]
describe.each(names.filter((name) => name === 'embedded' || hasProgram(name)))('with %s', (name) => {
  let registry: TestRegistry
  let proxy: CuttingProxy
  beforeAll(async () => {
    registry = await REGISTRIES[name](path.join(dir, name))
    proxy = await startCuttingProxy(registry.origin)
  })
  afterAll(async () => {
    await proxy.stop()
    await registry.stop()
  })

  it('sends a blob once', async () => {
    const layer = content(3 * MIB)
    const here = session(registry.origin)
    expect(await uploadBlob(here, layer)).toEqual({ how: 'sent', sentBytes: 3 * MIB })
    expect(await uploadBlob(here, layer)).toEqual({ how: 'present', sentBytes: 0 })
    expect(await readBlob(here, layer, 4 * MIB)).toEqual(layer.buffer)
  })

  it('mounts a blob of another repository', async () => {
    const layer = content(MIB)
    await uploadBlob(session(registry.origin, 'bases/node'), layer)
    const there = session(registry.origin, 'acme/other', 'bases/node')
    expect(await beginUpload(there, layer.digest, 'bases/node')).toBeNull()
    expect(await hasBlob(there, layer.digest)).toBe(true)
  })

  it('brings a blob there although the connection is cut again and again', async () => {
    const layer = content(40 * MIB)
    const before = proxy.cuts()
    // The first request has the whole blob; later ones carry pieces of 8 MiB.
    proxy.cutAfter(20 * MIB, 5 * MIB, 7 * MIB)
    const here = session(proxy.origin, 'acme/cut')
    expect(await uploadBlob(here, layer)).toEqual({ how: 'sent', sentBytes: 40 * MIB })
    expect(proxy.cuts() - before).toBe(3)
    const file = path.join(dir, `${name}-cut`)
    await downloadBlob(here, layer, file)
    expect((await readFile(file)).equals(layer.buffer)).toBe(true)
  })

  it('pulls the manifest of this platform out of an index, by tag and by digest', async () => {
    const here = session(registry.origin, 'acme/multi')
    const config = content(100)
    await uploadBlob(here, config)
    const descriptor = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: config.digest, size: 100 }
    const single = { schemaVersion: 2, mediaType: MANIFEST_TYPE, config: descriptor, layers: [] }
    const digest = await pushManifest(here, single, null)
    const other = await pushManifest(here, { ...single, annotations: { is: 'other' } }, null)
    const size = JSON.stringify(single).length
    const mediaType = 'application/vnd.oci.image.index.v1+json'
    const manifests = [
      { mediaType: MANIFEST_TYPE, digest: other, size, platform: { os: 'linux', architecture: 's390x' } },
      { mediaType: MANIFEST_TYPE, digest, size, platform: PLATFORM },
    ]
    await fetch(`${registry.origin}/v2/acme/multi/manifests/latest`, {
      method: 'PUT',
      headers: { 'content-type': mediaType },
      body: JSON.stringify({ schemaVersion: 2, mediaType, manifests }),
    })
    expect(await pullManifest(here, 'latest', 'acme/multi')).toEqual({ digest, config: descriptor, layers: [] })
    expect((await pullManifest(here, other, 'acme/multi')).digest).toBe(other)
  })

  it('says what is missing', async () => {
    const failure = await pullManifest(session(registry.origin, 'acme/none'), 'v1', 'acme/none:v1').catch((e) => e)
    expect(failure).toBeInstanceOf(BuildFailure)
    expect(failure.message).toMatch(
      `The registry ${registry.host} has no acme/none, so Slipway cannot pull acme/none:v1`,
    )
  })

  it('never accepts another content than the digest says', async () => {
    const [one, two] = [content(MIB), content(MIB)]
    const here = session(registry.origin)
    await uploadBlob(here, one)
    await expect(
      sendBlob(here, { digest: one.digest, blob: two.blob }, await beginUpload(here, one.digest, null)),
    ).rejects.toThrow(/answered 400/)
  })
})

describe('the embedded registry', () => {
  it('goes on with an upload where it was cut, instead of from its beginning', async () => {
    const registry = await startEmbeddedRegistry(path.join(dir, 'resumed'))
    const proxy = await startCuttingProxy(registry.origin)
    const layer = content(32 * MIB)
    const here = session(proxy.origin)
    // Were it to begin anew, the second cut would be met before the end of the first piece but one.
    proxy.cutAfter(30 * MIB)
    await uploadBlob(here, layer)
    expect(proxy.cuts()).toBe(1)
    expect(proxy.bytes()).toBeLessThan(34 * MIB)
    await proxy.stop()
    await registry.stop()
  })

  it('refuses what is larger than it takes, in words', async () => {
    const registry = await startEmbeddedRegistry(path.join(dir, 'small'), MIB)
    const failure = await uploadBlob(session(registry.origin), content(2 * MIB)).catch((error) => error)
    expect(failure.message).toMatch(/A layer of the image is larger than the registry 127\.0\.0\.1:\d+ or a proxy/)
    await registry.stop()
  })
})

it('names a registry that is away', async () => {
  const failure = await hasBlob(session('http://127.0.0.1:9'), content(1).digest).catch((error) => error)
  expect(failure.message).toMatch(/The registry 127\.0\.0\.1:9 cannot be reached to read its layers \(/)
})
