import { createHash } from 'node:crypto'
import { lstat, mkdir, mkdtemp, readFile, readlink, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type DockerRegistry, REGISTRY_PASSWORD, startDockerRegistry } from '@slipway/builder/testing/docker-registry'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../../../../apps/launcher/src/ports.ts'
import { type Entry, layerOf, putImage } from '../../node/testing/images.ts'
import { missingPrograms } from '../../node/testing/programs.ts'
import { createRegistry, type Registry } from '../index.ts'
import { createImageStore, type ImageStore } from './index.ts'

const HOST = 'registry.slipway.internal'
const NEVER = new AbortController().signal

let dir: string
let embedded: Registry
let images: ImageStore

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-images-'))
  embedded = await createRegistry({ dir: path.join(dir, 'registry') })
  images = await createImageStore({ dir: path.join(dir, 'images'), registry: embedded, hosts: [HOST] })
})
afterAll(() => rm(dir, { recursive: true, force: true }))

let count = 0
async function unpack(...layers: Entry[][]) {
  count += 1
  const digest = await putImage(embedded, `acme/app-${count}`, layers, { ExposedPorts: { '80/tcp': {}, '53/udp': {} } })
  return images.pull(`${HOST}/acme/app-${count}@${digest}`, NEVER, 'image')
}

describe.skipIf(process.getuid?.() !== 0)('images with a root of their own', () => {
  it('keep owners, modes, links and the ports that they expose', async () => {
    const { rootDir, config } = await unpack([
      { name: './', type: 'directory', mode: 0o700, uid: 7 },
      { name: 'usr/bin', type: 'directory', mode: 0o755 },
      { name: 'bin', type: 'symlink', linkname: 'usr/bin' },
      { name: 'usr/bin/su', content: 'x', mode: 0o4755, uid: 0, gid: 5 },
      { name: 'var/spool', type: 'directory', mode: 0o1777, uid: 101, gid: 102 },
      { name: 'etc/link', type: 'symlink', linkname: '/etc/target', uid: 33, gid: 33 },
      { name: 'etc/hard', type: 'link', linkname: 'usr/bin/su' },
    ])
    expect(config.ExposedPorts).toEqual([80])
    expect(await stat(path.join(rootDir, 'usr/bin/su'))).toMatchObject({ mode: 0o104755, uid: 0, gid: 5, nlink: 4 })
    expect(await stat(path.join(rootDir, 'var/spool'))).toMatchObject({ mode: 0o41777, uid: 101, gid: 102 })
    expect(await readlink(path.join(rootDir, 'etc/link'))).toBe('/etc/target')
    expect(await lstat(path.join(rootDir, 'etc/link'))).toMatchObject({ uid: 33, gid: 33 })
    expect((await stat(rootDir)).mode & 0o777).toBe(0o755)
  })

  it('lay layers over others as container engines do: through links, with whiteouts', async () => {
    const { rootDir } = await unpack(
      [
        { name: 'usr/lib', type: 'directory', mode: 0o755 },
        { name: 'lib', type: 'symlink', linkname: '/usr/lib' },
        { name: 'usr/lib/old', content: 'old' },
        { name: 'usr/lib/gone', content: 'gone' },
        { name: 'data', type: 'symlink', linkname: '/elsewhere' },
      ],
      [
        { name: 'lib/new', content: 'new' },
        { name: 'usr/lib/.wh.gone', content: '' },
        { name: 'data', type: 'directory', mode: 0o750, uid: 12 },
        { name: 'data/file', content: 'here' },
      ],
    )
    expect(await readFile(path.join(rootDir, 'usr/lib/new'), 'utf8')).toBe('new')
    expect(await readlink(path.join(rootDir, 'lib'))).toBe('/usr/lib')
    await expect(stat(path.join(rootDir, 'usr/lib/gone'))).rejects.toThrow('ENOENT')
    expect(await stat(path.join(rootDir, 'data'))).toMatchObject({ mode: 0o40750, uid: 12 })
    await expect(stat(path.join(rootDir, 'elsewhere'))).rejects.toThrow('ENOENT')
  })

  it('never write outside of their root, nor make devices', async () => {
    const outside = path.join(dir, 'outside')
    await mkdir(outside)
    const up = '../'.repeat(20)
    const { rootDir } = await unpack(
      [
        { name: 'absolute', type: 'symlink', linkname: outside },
        { name: 'relative', type: 'symlink', linkname: `${up}${outside}` },
        { name: 'loop', type: 'symlink', linkname: 'loop' },
        { name: 'dev/sda', type: 'block-device', mode: 0o666 },
        { name: 'dev/mem', type: 'character-device', mode: 0o666 },
      ],
      [
        { name: 'absolute/a', content: 'x' },
        { name: 'relative/b', content: 'x' },
        { name: 'loop/c', content: 'x' },
        { name: 'absolute/.wh.victim', content: '' },
      ],
    )
    expect(await stat(path.join(rootDir, 'loop/c')).then((info) => info.isFile())).toBe(true)
    await expect(stat(path.join(outside, 'a'))).rejects.toThrow('ENOENT')
    await expect(stat(path.join(outside, 'b'))).rejects.toThrow('ENOENT')
    await expect(stat(path.join(rootDir, 'dev/sda'))).rejects.toThrow('ENOENT')
    await expect(unpack([{ name: '../evil', content: 'x' }])).rejects.toThrow('leads out')
    await expect(unpack([{ name: 'h', type: 'link', linkname: `${up}etc/passwd` }])).rejects.toThrow('leads out')
    await expect(unpack([{ name: 'h', type: 'link', linkname: 'etc/passwd' }])).rejects.toThrow('does not hold')
  })
})

describe.skipIf(missingPrograms(['docker-registry']))('images of other registries', () => {
  let registry: DockerRegistry
  const login = { username: 'user', password: REGISTRY_PASSWORD }
  const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64')

  beforeAll(async () => {
    registry = await startDockerRegistry({ dir: path.join(dir, 'distribution'), hasPassword: true })
    await pushIndex(registry.origin, 'team/app', auth)
  })
  afterAll(() => registry.stop())

  const dockerConfig = (entry: object) => JSON.stringify({ auths: { [registry.host]: entry } })

  it('are pulled with the credentials of their secret: of an index what this machine runs', async () => {
    const reference = `${registry.host}/team/app:v1`
    expect(await images.lookup(reference, 'image')).toBeNull()
    const pulled = await images.pull(reference, NEVER, 'image', [dockerConfig({ auth })])
    expect(await readFile(path.join(pulled.rootDir, 'hello'), 'utf8')).toBe('hello')
    expect((await images.lookup(reference, 'image'))?.digest).toBe(pulled.digest)
    const reopened = await createImageStore({ dir: path.join(dir, 'images'), registry: embedded, hosts: [HOST] })
    expect((await reopened.lookup(reference, 'image'))?.digest).toBe(pulled.digest)
  })

  it('are refused in words that name what is missing', async () => {
    const reference = `${registry.host}/team/app:v1`
    await expect(images.pull(reference, NEVER, 'image')).rejects.toThrow("the pod's imagePullSecrets have none")
    const wrong = dockerConfig({ username: 'user', password: 'wrong' })
    await expect(images.pull(reference, NEVER, 'image', [wrong])).rejects.toThrow('does not accept the credentials')
    const absent = images.pull(`${registry.host}/team/none:v1`, NEVER, 'image', [dockerConfig(login)])
    await expect(absent).rejects.toThrow('/team/none:v1: not found')
  })

  it('stand for programs of this machine only where their registry cannot be reached', async () => {
    const store = await createImageStore({
      dir: path.join(dir, 'others'),
      registry: embedded,
      hosts: [HOST],
      hostPath: path.dirname(process.execPath),
    })
    const closed = `127.0.0.1:${await freePort()}`
    await expect(store.pull(`${closed}/node:24`, NEVER, 'image')).rejects.toThrow('cannot be reached')
  })
})

/** An index of two platforms, of which one is this machine's, pushed by hand. */
async function pushIndex(origin: string, repository: string, auth: string): Promise<void> {
  const headers = { authorization: `Basic ${auth}` }
  const put = async (content: Buffer) => {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
    const begun = await fetch(`${origin}/v2/${repository}/blobs/uploads/`, { method: 'POST', headers })
    const target = new URL(begun.headers.get('location') ?? '', origin)
    target.searchParams.set('digest', digest)
    const done = await fetch(target, { method: 'PUT', headers, body: new Uint8Array(content) })
    expect(done.status).toBe(201)
    return { digest, size: content.length }
  }
  const putManifest = async (reference: string, manifest: { mediaType: string }) => {
    const content = Buffer.from(JSON.stringify(manifest))
    const done = await fetch(`${origin}/v2/${repository}/manifests/${reference}`, {
      method: 'PUT',
      headers: { ...headers, 'content-type': manifest.mediaType },
      body: new Uint8Array(content),
    })
    expect(done.status, await done.text()).toBe(201)
    return {
      mediaType: manifest.mediaType,
      digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
      size: content.length,
    }
  }
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  const manifests = []
  for (const [name, text] of [
    ['s390x', 'other'],
    [architecture, 'hello'],
  ] as const) {
    const layer = await put(await layerOf([{ name: 'hello', content: text }]))
    const config = await put(Buffer.from(JSON.stringify({ os: 'linux', architecture: name, config: { Cmd: ['/x'] } })))
    const type = 'application/vnd.oci.image'
    const manifest = {
      schemaVersion: 2,
      mediaType: `${type}.manifest.v1+json`,
      config: { mediaType: `${type}.config.v1+json`, ...config },
      layers: [{ mediaType: `${type}.layer.v1.tar+gzip`, ...layer }],
    }
    manifests.push({ ...(await putManifest(name, manifest)), platform: { os: 'linux', architecture: name } })
  }
  await putManifest('v1', { mediaType: 'application/vnd.oci.image.index.v1+json', ...{ schemaVersion: 2, manifests } })
}
