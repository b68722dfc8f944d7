import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DockerRegistry, hasProgram, REGISTRY_PASSWORD, startDockerRegistry } from '../testing/docker-registry.ts'
import { startTokenServer, type TokenServer } from '../testing/token-server.ts'
import { uploadBlob } from '../testing/upload-blob.ts'
import { parseChallenge } from './challenge.ts'
import { type CredentialStore, NO_CREDENTIALS, parseCredentials, readCredentials } from './credentials.ts'
import { parseReference } from './reference.ts'
import { openSession, type SessionOptions } from './session.ts'
import { beginUpload, hasBlob } from './upload.ts'

const signal = new AbortController().signal
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-auth-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const auths = (host: string, entry: object): CredentialStore =>
  parseCredentials(JSON.stringify({ auths: { [host]: entry } }))
const session = (origin: string, credentials: CredentialStore, more: Partial<SessionOptions> = {}) =>
  openSession({ origin, repository: 'acme/app', credentials, access: 'push', signal, ...more })

function content(bytes = 100_000) {
  const buffer = randomBytes(bytes)
  return { digest: `sha256:${createHash('sha256').update(buffer).digest('hex')}`, blob: new Blob([buffer]) }
}
const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error('nothing failed'),
    (error) => error,
  )

const hasRegistry = hasProgram('docker-registry')

describe.skipIf(!hasRegistry)('a registry with a password', () => {
  let registry: DockerRegistry
  beforeAll(async () => {
    registry = await startDockerRegistry({ dir: path.join(dir, 'password'), hasPassword: true })
  })
  afterAll(() => registry.stop())

  it('takes a push with the credentials of a Docker configuration', async () => {
    const auth = Buffer.from(`user:${REGISTRY_PASSWORD}`).toString('base64')
    await writeFile(path.join(dir, 'config.json'), JSON.stringify({ auths: { [`http://${registry.host}`]: { auth } } }))
    const credentials = await readCredentials(dir)
    expect(await uploadBlob(session(registry.origin, credentials), content())).toMatchObject({ how: 'sent' })
  })

  it('says that credentials are missing, or wrong', async () => {
    const anonymous = await failure(uploadBlob(session(registry.origin, NO_CREDENTIALS), content()))
    expect(anonymous.message).toMatch(/wants credentials to read its layers, and this build has none/)
    const wrong = auths(registry.host, { username: 'user', password: 'wrong' })
    const refused = await failure(uploadBlob(session(registry.origin, wrong), content()))
    expect(refused.message).toMatch(/does not accept its credentials/)
    expect(refused.message).not.toContain('wrong')
  })
})

describe.skipIf(!hasRegistry)('a registry with a token server', () => {
  let registry: DockerRegistry
  let tokens: TokenServer
  const allowed = ['acme/app', 'bases/node']
  beforeAll(async () => {
    tokens = await startTokenServer({
      dir,
      credentials: `user:${REGISTRY_PASSWORD}`,
      refreshToken: 'refresh',
      lifeSeconds: 2,
      allows: (repository) => allowed.includes(repository),
    })
    registry = await startDockerRegistry({ dir: path.join(dir, 'token'), token: tokens })
  })
  afterAll(async () => {
    await registry.stop()
    await tokens.stop()
  })
  const known = () => auths(registry.host, { username: 'user', password: REGISTRY_PASSWORD })

  it('is asked once for a token that is good for the whole push, and again after the end of its life', async () => {
    const here = session(registry.origin, known())
    const before = tokens.asked.length
    await uploadBlob(here, content())
    await uploadBlob(here, content())
    expect(tokens.asked.slice(before)).toEqual([['repository:acme/app:pull,push']])
    await new Promise((resolve) => setTimeout(resolve, 2100))
    await uploadBlob(here, content())
    expect(tokens.asked.length - before).toBe(2)
  })

  it('mounts across repositories with one token for both', async () => {
    const layer = content()
    await uploadBlob(session(registry.origin, known(), { repository: 'bases/node' }), layer)
    const there = session(registry.origin, known(), { mountFrom: 'bases/node' })
    expect(await beginUpload(there, layer.digest, 'bases/node')).toBeNull()
    expect(tokens.asked.at(-1)).toEqual(['repository:acme/app:pull,push', 'repository:bases/node:pull'])
    expect(await hasBlob(there, layer.digest)).toBe(true)
  })

  it('waits for the token server while that is started again', async () => {
    await tokens.goAway(1500)
    const startedAt = performance.now()
    expect(await uploadBlob(session(registry.origin, known()), content())).toMatchObject({ how: 'sent' })
    expect(performance.now() - startedAt).toBeGreaterThan(1000)
  })

  it('takes a refresh token', async () => {
    const credentials = auths(registry.host, { identitytoken: 'refresh' })
    expect(await uploadBlob(session(registry.origin, credentials), content())).toMatchObject({ how: 'sent' })
  })

  it('refuses what the user may not do, in words', async () => {
    const other = session(registry.origin, known(), { repository: 'rival/app' })
    expect((await failure(uploadBlob(other, content()))).message).toMatch(/does not (accept its credentials|allow)/)
    const wrong = auths(registry.host, { username: 'user', password: 'wrong' })
    expect((await failure(uploadBlob(session(registry.origin, wrong), content()))).message).toMatch(
      /does not accept its credentials/,
    )
  })
})

describe.skipIf(!hasRegistry)('a registry with TLS', () => {
  it('is spoken to when its authority is known, and named when it is not', async () => {
    const [keyFile, certificateFile] = [path.join(dir, 'tls.key'), path.join(dir, 'tls.crt')]
    const args = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1'
    execFileSync('openssl', [...args.split(' '), '-keyout', keyFile, '-out', certificateFile], { stdio: 'ignore' })
    const registry = await startDockerRegistry({ dir: path.join(dir, 'tls'), tls: { certificateFile, keyFile } })
    const layer = content()
    const unknown = await failure(hasBlob(session(registry.origin, NO_CREDENTIALS), layer.digest))
    expect(unknown.message).toMatch(/The certificate of the registry 127\.0\.0\.1:\d+ is not trusted/)
    const plain = await failure(
      hasBlob(session(registry.origin.replace('https', 'http'), NO_CREDENTIALS), layer.digest),
    )
    expect(plain.message).toMatch(/answered 400/)
    const script = `
      import { openSession } from ${JSON.stringify(path.join(import.meta.dirname, 'session.ts'))}
      import { sendBlob } from ${JSON.stringify(path.join(import.meta.dirname, 'upload.ts'))}
      const signal = new AbortController().signal
      const session = openSession({ origin: '${registry.origin}', repository: 'acme/app', credentials: { find: () => null }, access: 'push', signal })
      const digest = '${`sha256:${createHash('sha256').update('x').digest('hex')}`}'
      await sendBlob(session, { digest, blob: new Blob(['x']) }, null)
      console.log('sent')`
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: certificateFile },
      encoding: 'utf8',
    })
    expect(child.stdout.trim(), child.stderr).toBe('sent')
    await registry.stop()
  })

  it('is never spoken to where it is plain HTTP but an https address was given', async () => {
    const registry = await startDockerRegistry({ dir: path.join(dir, 'plain') })
    const secure = session(registry.origin.replace('http', 'https'), NO_CREDENTIALS)
    expect((await failure(hasBlob(secure, content().digest))).message).toMatch(/does not speak TLS/)
    await registry.stop()
  })
})

const canMount = process.getuid?.() === 0
describe.skipIf(!hasRegistry || !canMount)('a registry whose disk is full', () => {
  it('is named as such', async () => {
    const place = path.join(dir, 'full')
    mkdirSync(place)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', place])
    const registry = await startDockerRegistry({ dir: place })
    try {
      const refused = await failure(uploadBlob(session(registry.origin, NO_CREDENTIALS), content(4 * 1024 ** 2)))
      expect(refused.message).toBe(`The disk of the registry ${registry.host} is full.`)
    } finally {
      await registry.stop()
      execFileSync('umount', [place])
    }
  })
})

describe('credentials', () => {
  const config = {
    'https://index.docker.io/v1/': { auth: Buffer.from('hub:p:w').toString('base64') },
    'registry.example.com': { username: 'all', password: 'a' },
    'registry.example.com/slipway/acme': { username: 'acme', password: 'b' },
    'broken.example.com': { auth: 'x' },
  }
  const store = parseCredentials(JSON.stringify({ auths: config, credsStore: 'desktop' }))
  it.each([
    ['docker.io', 'library/node', { username: 'hub', password: 'p:w' }],
    ['registry-1.docker.io', 'library/node', { username: 'hub', password: 'p:w' }],
    ['registry.example.com', 'other/app', { username: 'all', password: 'a' }],
    ['registry.example.com', 'slipway/acme/app', { username: 'acme', password: 'b' }],
    ['registry.example.com', 'slipway/acme-two/app', { username: 'all', password: 'a' }],
    ['registry.example.com:5000', 'x', null],
    ['broken.example.com', 'x', null],
  ])('of %s for %s', (host, repository, expected) => {
    expect(store.find(host, repository)).toEqual(expected)
  })
  it('are refused in words where the file is something else', () => {
    expect(() => parseCredentials('{"auths":3}')).toThrow('The registry credentials are not a Docker configuration.')
  })
})

describe('references', () => {
  const digest = `sha256:${'0'.repeat(64)}`
  it.each([
    ['node', 'docker.io', 'library/node', 'latest', null],
    ['node:24-slim', 'docker.io', 'library/node', '24-slim', null],
    [`acme/app@${digest}`, 'docker.io', 'acme/app', null, digest],
    ['localhost/app:1', 'localhost', 'app', '1', null],
    [`ghcr.io/acme/app:1@${digest}`, 'ghcr.io', 'acme/app', '1', digest],
    ['127.0.0.1:5000/a/b/c', '127.0.0.1:5000', 'a/b/c', 'latest', null],
    ['index.docker.io/node', 'docker.io', 'library/node', 'latest', null],
  ])('%s', (text, host, repository, tag, at) => {
    expect(parseReference(text)).toEqual({ host, repository, tag, digest: at })
  })
  it.each(['', 'Node', 'a b', 'x:!', 'x@sha256:1', 'https://docker.io/node'])('refuses %o', (text) => {
    expect(() => parseReference(text)).toThrow('is not an image reference')
  })
})

describe('challenges', () => {
  it.each([
    ['Basic realm="r"', { scheme: 'basic', parameters: { realm: 'r' } }],
    [
      'Bearer realm="https://auth/token",service="reg",scope="repository:a:pull,push"',
      {
        scheme: 'bearer',
        parameters: { realm: 'https://auth/token', service: 'reg', scope: 'repository:a:pull,push' },
      },
    ],
    ['Basic realm="r", Bearer realm=t', { scheme: 'bearer', parameters: { realm: 't' } }],
    ['Negotiate', null],
    [null, null],
  ])('%s', (header, expected) => {
    expect(parseChallenge(header)).toEqual(expected)
  })
})
