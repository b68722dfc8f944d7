import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NO_CREDENTIALS } from '../registry/credentials.ts'
import { startEmbeddedRegistry, type TestRegistry } from '../testing/registries.ts'
import { type Registries, resolveBase } from './base.ts'
import { pushImage } from './push.ts'

let dir: string
let registry: TestRegistry
let registries: Registries
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-base-'))
  registry = await startEmbeddedRegistry(dir)
  const signal = new AbortController().signal
  registries = { origin: registry.origin, prefixHost: 'registry.test', credentials: NO_CREDENTIALS, signal }
  const settings = { env: {}, workingDir: '/', command: [] }
  for (const [repository, tag] of [
    ['node', '24'],
    ['node', '22.12.0'],
    ['python', '3.12'],
    ['python', '3'],
    ['debian', '12'],
  ] as const) {
    await pushImage({ ...registries, repository, tag }, { base: null, layers: [], settings, labels: { tag } })
  }
})
afterAll(async () => {
  await registry.stop()
  await rm(dir, { recursive: true, force: true })
})

const patterns = {
  node: 'registry.test/node:{version}',
  python: 'registry.test/python:{version}',
  procfile: 'registry.test/debian:12',
  java: '',
}
const tagOf = async (language: string, version: string | null) =>
  (await resolveBase(patterns, language, version, registries))?.config.config?.Labels?.tag ?? null

describe('the base of a language', () => {
  it.each<[string, string | null, string | null]>([
    ['node', '22.12.0', '22.12.0'],
    ['node', '24.21.0', '24'],
    ['node', null, '24'],
    ['static', null, '24'],
    ['python', '3.12.4', '3.12'],
    ['procfile', null, '12'],
    ['java', '21', null],
    ['ruby', null, null],
  ])('%s in version %s is %s', async (language, version, expected) => {
    expect(await tagOf(language, version)).toBe(expected)
  })

  it('is never of another minor release where that does not run the same packages', async () => {
    await expect(tagOf('python', '3.9.1')).rejects.toThrow('There is no base image registry.test/python:3.9.')
  })

  it('is missing in words, and a registry that is away is not taken for that', async () => {
    await expect(tagOf('node', '18')).rejects.toThrow('There is no base image registry.test/node:18.')
    const away = { ...registries, origin: 'http://127.0.0.1:9' }
    await expect(resolveBase(patterns, 'node', '24', away)).rejects.toThrow('cannot be reached')
  })
})
