import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBuildLog } from '../log.ts'
import { packLayer } from '../pack.ts'
import { NO_CREDENTIALS } from '../registry/credentials.ts'
import { readBlob } from '../registry/download.ts'
import { pullManifest } from '../registry/manifest.ts'
import { openSession } from '../registry/session.ts'
import { startCuttingProxy } from '../testing/cutting-proxy.ts'
import { hasProgram } from '../testing/docker-registry.ts'
import { REGISTRIES, type TestRegistry } from '../testing/registries.ts'
import { listTree } from '../tree.ts'
import { pullBase, resolveBase } from './base.ts'
import { mergeConfig } from './config.ts'
import { createPublisher } from './publisher.ts'
import { pushImage } from './push.ts'

const signal = new AbortController().signal
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-image-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

async function layerOf(name: string, files: Record<string, string>, prefix = 'app') {
  const top = path.join(dir, name)
  mkdirSync(top, { recursive: true })
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(top, file), text)
  return packLayer(top, await listTree(top), prefix, path.join(dir, `${name}.tar.gz`), signal)
}

/** A base with a shell in it: Debian's static busybox. */
async function busyboxLayer() {
  const top = path.join(dir, 'busybox')
  mkdirSync(top, { recursive: true })
  copyFileSync('/bin/busybox', path.join(top, 'busybox'))
  chmodSync(path.join(top, 'busybox'), 0o755)
  return packLayer(top, await listTree(top), 'bin', path.join(dir, 'busybox.tar.gz'), signal)
}

const CASES = [
  { name: 'in the same registry', same: true },
  { name: 'in another registry', same: false },
]
const names = Object.keys(REGISTRIES) as (keyof typeof REGISTRIES)[]

describe.skipIf(!hasProgram('busybox')).each(names.filter((name) => name === 'embedded' || hasProgram(name)))(
  'an image on a base, pushed to %s',
  (name) => {
    let own: TestRegistry
    let other: TestRegistry
    beforeAll(async () => {
      own = await REGISTRIES[name](path.join(dir, `${name}-own`))
      other = await REGISTRIES[name](path.join(dir, `${name}-other`))
    })
    afterAll(async () => {
      await own.stop()
      await other.stop()
    })

    it.each(CASES)('$name', async ({ same }) => {
      const bases = same ? own : other
      const from = { prefixHost: bases.host, credentials: NO_CREDENTIALS, signal, origin: bases.origin }
      const busybox = await busyboxLayer()
      const base = { env: { PATH: '/bin', LANG: 'C' }, workingDir: '/', command: ['/bin/busybox'] }
      const image = { base: null, layers: [busybox], settings: base, labels: { 'org.example.base': 'yes' } }
      const pushedBase = await pushImage({ ...from, repository: 'bases/node', tag: '24-slim' }, image)
      const lines: string[] = []
      const publisher = (number: string) =>
        createPublisher({
          registryUrl: own.origin,
          repository: `acme/${same ? 'near' : 'far'}`,
          imagePrefix: `${own.host}/slipway`,
          credentials: NO_CREDENTIALS,
          baseImages: { node: `${bases.host}/bases/node:{version}-slim` },
          identity: { app: 'acme/shop/production/web', number, commit: 'abc' },
          signal,
          log: createBuildLog((line) => lines.push(line)),
        })
      const layers = [await layerOf('deps', { 'lib.js': 'lib' }), await layerOf('code', { 'main.js': 'main' })]
      const settings = { env: { PATH: '/app/bin', NODE_ENV: 'production' }, workingDir: '/app', command: ['sh'] }
      const first = publisher('1')
      if (!same) {
        // Only our own registry may be spoken to without TLS, and one that is said to be so.
        await expect(first.base('node', '24')).rejects.toThrow('does not speak TLS')
        const plain = { origin: own.origin, prefixHost: own.host, credentials: NO_CREDENTIALS, signal }
        const base = await resolveBase({ node: `http://${bases.host}/bases/node:{version}-slim` }, 'node', '24', plain)
        expect(base?.reference).toBe(`${bases.host}/bases/node:24-slim@${pushedBase.digest}`)
        return
      }
      const found = await first.base('node', '24.21.0')
      expect(found?.reference).toBe(`${bases.host}/bases/node:24-slim@${pushedBase.digest}`)
      const pushed = await first.push({ base: found, layers, settings })
      const ours = layers.reduce((total, { sizeBytes }) => total + sizeBytes, 0)
      expect(pushed).toMatchObject({ sentBytes: ours, totalBytes: ours + busybox.sizeBytes })
      const changed = [layers[0], await layerOf('code', { 'main.js': 'changed' })].flatMap((layer) => layer ?? [])
      const again = await publisher('2').push({ base: found, layers: changed, settings })
      expect(again.sentBytes).toBe(changed[1]?.sizeBytes)
      expect(lines.at(-1)).toMatch(/^ {7}\d[\d.]* [KM]iB, 1 KiB uploaded; sha256:[a-f0-9]{12}$/)

      const repository = `slipway/acme/near`
      const session = openSession({ ...from, repository, access: 'pull' })
      const manifest = await pullManifest(session, again.digest, 'it')
      const config = JSON.parse((await readBlob(session, manifest.config, 1e6)).toString())
      expect(config.config).toEqual({
        User: '1000:1000',
        Env: ['LANG=C', 'PATH=/app/bin:/bin', 'NODE_ENV=production'],
        WorkingDir: '/app',
        Cmd: ['sh'],
        Labels: {
          'org.example.base': 'yes',
          'org.opencontainers.image.revision': 'abc',
          'dev.slipway.app': 'acme/shop/production/web',
          'dev.slipway.build': '2',
          'dev.slipway.base': `${bases.host}/bases/node:24-slim@${pushedBase.digest}`,
        },
      })
      expect(config.rootfs.diff_ids).toEqual([busybox, ...changed].map(({ diffId }) => diffId))
      expect((await pullManifest(session, 'production-b2', 'it')).digest).toBe(again.digest)
      if (hasProgram('skopeo')) {
        const reference = `docker://${own.host}/${repository}@${again.digest}`
        const layout = path.join(dir, `${name}-oci`)
        await promisify(execFile)('skopeo', ['copy', '--src-tls-verify=false', reference, `oci:${layout}:x`])
      }
    })

    it('copies a base from another registry, layer by layer', async () => {
      const busybox = await busyboxLayer()
      const from = { prefixHost: other.host, credentials: NO_CREDENTIALS, signal, origin: other.origin }
      const settings = { env: {}, workingDir: '/', command: ['/bin/busybox'] }
      const image = { base: null, layers: [busybox], settings, labels: {} }
      await pushImage({ ...from, repository: 'bases/python', tag: '3' }, image)
      const base = await pullBase(`${other.host}/bases/python:3`, from)
      const layers = [await layerOf('copied', { 'main.py': 'print()' })]
      const target = { ...from, origin: own.origin, prefixHost: own.host, repository: 'acme/copied', tag: 'b1' }
      const ours = layers[0]?.sizeBytes ?? 0
      const first = await pushImage(target, { base, layers, settings, labels: {} })
      expect(first.sentBytes).toBe(ours + busybox.sizeBytes)
      expect((await pushImage(target, { base, layers, settings, labels: {} })).sentBytes).toBe(0)
    })

    it('sends a base of another registry once for all apps, where layers can be kept in one place', async () => {
      const random = await layerOf('random', { 'base.bin': randomBytes(2 * 1024 ** 2).toString('latin1') })
      const from = { prefixHost: other.host, credentials: NO_CREDENTIALS, signal, origin: other.origin }
      const settings = { env: {}, workingDir: '/', command: ['sh'] }
      const image = { base: null, layers: [random], settings, labels: {} }
      await pushImage({ ...from, repository: 'bases/go', tag: '1' }, image)
      const base = await pullBase(`${other.host}/bases/go:1`, from)
      const proxy = await startCuttingProxy(own.origin)
      const layers = [await layerOf('small', { 'main.go': 'package main' })]
      const push = async (repository: string, baseRepository: string | null) => {
        const before = proxy.bytes()
        const target = { ...from, origin: proxy.origin, repository, tag: 'b1', baseRepository }
        const { sentBytes } = await pushImage(target, { base, layers, settings, labels: {} })
        return { sentBytes, onTheWire: proxy.bytes() - before }
      }
      const ours = layers[0]?.sizeBytes ?? 0
      const [first, second, third, alone] = [
        await push('acme/first', 'slipway.base/layers'),
        await push('acme/second', 'slipway.base/layers'),
        await push('rival/third', 'slipway.base/layers'),
        await push('acme/alone', null),
      ]
      for (const { sentBytes, onTheWire } of [first, alone]) {
        expect(sentBytes).toBe(ours + random.sizeBytes)
        expect(onTheWire).toBeGreaterThan(random.sizeBytes)
      }
      for (const { sentBytes, onTheWire } of [second, third]) {
        expect(sentBytes).toBe(ours)
        // Headers, a manifest and a configuration.
        expect(onTheWire).toBeLessThan(ours + 32 * 1024)
      }
      await proxy.stop()
    })
  },
)

describe('merging configurations', () => {
  it('is the same for the same input, and without a base has nothing but ours', () => {
    const settings = { env: { A: '1' }, workingDir: '/app', command: ['node', 'x'] }
    const merged = mergeConfig(null, [{ diffId: 'sha256:1' }], settings, { 'dev.slipway.base': 'none' })
    expect(merged).toEqual({
      os: 'linux',
      architecture: expect.any(String),
      config: {
        User: '1000:1000',
        Env: ['A=1'],
        WorkingDir: '/app',
        Cmd: ['node', 'x'],
        Labels: { 'dev.slipway.base': 'none' },
      },
      rootfs: { type: 'layers', diff_ids: ['sha256:1'] },
    })
  })

  it("keeps the system's programs where the base names no PATH", () => {
    const settings = { env: { PATH: '/app/bin' }, workingDir: '/app', command: ['python3'] }
    const system = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    expect(mergeConfig({ config: {} }, [], settings, {}).config?.Env).toEqual([`PATH=/app/bin:${system}`])
    expect(mergeConfig(null, [], settings, {}).config?.Env).toEqual(['PATH=/app/bin'])
  })

  it("leaves the base's entrypoint, ports and health check behind, and keeps its history in step", () => {
    const base = {
      created: '2026-01-01T00:00:00Z',
      config: {
        Entrypoint: ['docker-entrypoint.sh'],
        Env: ['PATH=/usr/bin', 'NODE_VERSION=24'],
        ExposedPorts: { '80/tcp': {} },
        Healthcheck: { Test: ['CMD', 'x'] },
        StopSignal: 'SIGQUIT',
        Labels: { maintainer: 'x' },
      },
      rootfs: { diff_ids: ['sha256:1'] },
      history: [{ created_by: 'base' }],
    }
    const settings = { env: { NODE_ENV: 'production' }, workingDir: '/app', command: ['node'] }
    const merged = mergeConfig(base, [{ diffId: 'sha256:2' }], settings, {})
    expect(Object.keys(merged.config ?? {}).sort()).toEqual(['Cmd', 'Env', 'Labels', 'User', 'WorkingDir'])
    expect(merged).not.toHaveProperty('created')
    expect(merged.history).toHaveLength(2)
    expect(merged.config?.Env).toEqual(['PATH=/usr/bin', 'NODE_VERSION=24', 'NODE_ENV=production'])
  })
})
