import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, request as httpRequest, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRegistry, type Registry } from './index.ts'

const REALM = 'http://127.0.0.1:1/registry/token'
const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const keys = pair()
const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const sha = (content: string) => `sha256:${createHash('sha256').update(content).digest('hex')}`

let dir: string
let registry: Registry
let server: Server
let port: number

const open = () => createRegistry({ dir, tokens: { publicKey, realm: REALM } })
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'registry-access-'))
  registry = await open()
  server = createServer((request, response) => {
    void registry.handle(request, response).then((handled) => handled || response.writeHead(418).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  port = address !== null && typeof address === 'object' ? address.port : 0
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(dir, { recursive: true, force: true })
})

interface Terms {
  access: object[]
  issuer?: string
  audience?: string
  expires?: number
  key?: KeyObject
}
const grant = (name: string, ...actions: string[]) => ({ type: 'repository', name, actions })
const now = () => Math.floor(Date.now() / 1000)

function claims({ access, issuer = 'slipway', audience = 'slipway-registry', expires = now() + 60 }: Terms) {
  return { access, iss: issuer, aud: audience, exp: expires }
}
const token = (terms: Terms) =>
  new SignJWT(claims(terms)).setProtectedHeader({ alg: 'ES256' }).sign(terms.key ?? keys.privateKey)
const tokenFor = (name: string, ...actions: string[]) => token({ access: [grant(name, ...actions)] })

interface Answer {
  status: number
  challenge: string
  location: string
  body: string
}

/** `fetch` puts paths in order before it sends them; an attacker does not. */
function send(method: string, target: string, bearer: string | null, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = bearer === null ? {} : { authorization: `Bearer ${bearer}` }
    const request = httpRequest({ host: '127.0.0.1', port, path: target, method, headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          challenge: String(response.headers['www-authenticate'] ?? ''),
          location: response.headers.location ?? '',
          body: text,
        }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

async function pushBlob(name: string, content: string): Promise<string> {
  const bearer = await tokenFor(name, 'pull', 'push')
  const { location } = await send('POST', `/v2/${name}/blobs/uploads/`, bearer)
  const digest = sha(content)
  expect((await send('PUT', `${location}?digest=${digest}`, bearer, content)).status).toBe(201)
  return digest
}

const manifestOf = (layer: string) =>
  JSON.stringify({ schemaVersion: 2, layers: [{ mediaType: 'x', digest: layer, size: 1 }] })

describe('a registry with tokens', () => {
  it('answers nothing to those without one but where to get it', async () => {
    const digest = await pushBlob('acme/web', 'source of acme')
    for (const [method, target, scope] of [
      ['GET', '/v2/', ''],
      ['GET', '/v2/_catalog', ''],
      ['GET', '/v2/acme/web/tags/list', 'repository:acme/web:pull'],
      ['GET', '/v2/acme/web/manifests/v1', 'repository:acme/web:pull'],
      ['HEAD', `/v2/acme/web/blobs/${digest}`, 'repository:acme/web:pull'],
      ['POST', '/v2/acme/web/blobs/uploads/', 'repository:acme/web:pull,push'],
      ['PUT', '/v2/acme/web/manifests/v1', 'repository:acme/web:pull,push'],
      ['DELETE', '/v2/acme/web/manifests/v1', 'repository:acme/web:delete'],
      ['GET', '/v2/..%2f..%2fetc/manifests/v1', ''],
      ['PATCH', '/v2/Acme/blobs/uploads/1', ''],
    ] as const) {
      const { status, challenge, body } = await send(method, target, null)
      expect([status, challenge], target).toEqual([
        401,
        `Bearer realm="${REALM}",service="slipway-registry"${scope === '' ? '' : `,scope="${scope}"`}`,
      ])
      expect(body).not.toContain('sha256')
    }
  })

  it('gives what the token names, and nothing beside it', async () => {
    const digest = await pushBlob('acme/web', 'a layer')
    const pull = await tokenFor('acme/web', 'pull')
    expect((await send('GET', '/v2/', pull)).status).toBe(200)
    expect((await send('GET', `/v2/acme/web/blobs/${digest}`, pull)).body).toBe('a layer')
    for (const [method, target] of [
      ['POST', '/v2/acme/web/blobs/uploads/'],
      ['PUT', '/v2/acme/web/manifests/v1'],
      ['DELETE', `/v2/acme/web/blobs/${digest}`],
      ['GET', `/v2/acme/web2/blobs/${digest}`],
      ['GET', `/v2/acme/blobs/${digest}`],
      ['GET', '/v2/rival/web/tags/list'],
    ] as const)
      expect((await send(method, target, pull)).status, target).toBe(401)
    const push = await tokenFor('acme/web', 'pull', 'push')
    expect((await send('DELETE', '/v2/acme/web/manifests/v1', push)).status).toBe(401)
    expect((await send('POST', '/v2/rival/web/blobs/uploads/', push)).status).toBe(401)
  })

  it.each([
    ['of another key', () => token({ access: [grant('acme/web', 'pull')], key: pair().privateKey })],
    ['that expired', () => token({ access: [grant('acme/web', 'pull')], expires: now() - 30 })],
    ['of another issuer', () => token({ access: [grant('acme/web', 'pull')], issuer: 'rival' })],
    ['for another service', () => token({ access: [grant('acme/web', 'pull')], audience: 'rival' })],
    ['without a signature', async () => new UnsecuredJWT(claims({ access: [grant('acme/web', 'pull')] })).encode()],
    [
      'signed with the public key as a password',
      () =>
        new SignJWT(claims({ access: [grant('acme/web', 'pull')] }))
          .setProtectedHeader({ alg: 'HS256' })
          .sign(Buffer.from(publicKey)),
    ],
    ['of another form', () => token({ access: ['everything'] as unknown as object[] })],
    ['that is none', async () => 'x.y.z'],
  ])('refuses a token %s', async (_, made) => {
    expect((await send('GET', '/v2/acme/web/tags/list', await made())).status).toBe(401)
  })

  it('reads names in one way only', async () => {
    const digest = await pushBlob('rival/web', 'of the rival')
    const bearer = await tokenFor('acme/web', 'pull', 'push')
    for (const name of [
      'acme/web/../../rival/web',
      'acme%2fweb/../../rival/web',
      'rival%2fweb',
      'RIVAL/web',
      '%2e%2e/rival/web',
    ])
      expect([400, 401, 418], name).toContain((await send('GET', `/v2/${name}/blobs/${digest}`, bearer)).status)
    const own = await send('GET', `/v2/rival/web/../../acme/web/blobs/${digest}`, bearer)
    expect(own.status).toBe(404)
    expect((await send('GET', '/v2/acme/web/manifests/%E0%A4', bearer)).status).toBe(400)
  })

  it('keeps the blobs of repositories apart', async () => {
    const secret = await pushBlob('rival/web', 'source of the rival')
    const bearer = await tokenFor('acme/web', 'pull', 'push')
    expect((await send('GET', `/v2/acme/web/blobs/${secret}`, bearer)).status).toBe(404)
    const manifest = await send('PUT', '/v2/acme/web/manifests/v1', bearer, manifestOf(secret))
    expect([manifest.status, manifest.body]).toEqual([404, expect.stringContaining('MANIFEST_BLOB_UNKNOWN')])
    // Those who have the content may send it: they get what they had.
    await pushBlob('acme/web', 'source of the rival')
    expect((await send('PUT', '/v2/acme/web/manifests/v1', bearer, manifestOf(secret))).status).toBe(201)
  })

  it('mounts from repositories that the caller may read; of others it wants the content', async () => {
    const layer = await pushBlob('rival/base', 'a layer of the rival')
    const mount = `/v2/acme/web/blobs/uploads/?mount=${layer}`
    const alone = await tokenFor('acme/web', 'pull', 'push')
    for (const target of [mount, `${mount}&from=rival/base`, `${mount}&from=rival/Base`, `${mount}&from=../rival/base`])
      expect((await send('POST', target, alone)).status, target).toBe(202)
    expect((await send('HEAD', `/v2/acme/web/blobs/${layer}`, alone)).status).toBe(404)
    const both = await token({ access: [grant('acme/web', 'pull', 'push'), grant('rival/base', 'pull')] })
    expect((await send('POST', `${mount}&from=rival/other`, both)).status).toBe(202)
    expect((await send('POST', `${mount}&from=rival/base`, both)).status).toBe(201)
    expect((await send('HEAD', `/v2/acme/web/blobs/${layer}`, alone)).status).toBe(200)
  })

  it('knows what the repositories of an older state directory have', async () => {
    const bearer = await tokenFor('old/web', 'pull', 'push')
    const layer = await pushBlob('old/web', 'an old layer')
    await send('PUT', '/v2/old/web/manifests/v1', bearer, manifestOf(layer))
    const repositories = path.join(dir, 'repositories')
    await rm(path.join(repositories, '_linked'))
    await rm(path.join(repositories, 'old/web/_blobs'), { recursive: true })
    expect((await send('HEAD', `/v2/old/web/blobs/${layer}`, bearer)).status).toBe(404)
    registry = await open()
    expect((await send('HEAD', `/v2/old/web/blobs/${layer}`, bearer)).status).toBe(200)
    expect(await readFile(path.join(repositories, '_linked'), 'utf8')).toBe('')
  })

  it('forgets the blobs that it collects', async () => {
    const layer = await pushBlob('gone/web', 'a layer that no manifest names')
    const links = path.join(dir, 'repositories/gone/web/_blobs')
    expect(await readdir(links)).toEqual([layer.replace(':', '-')])
    await registry.collectGarbage({ minAgeMs: 0, nowMs: Date.now() + 1000 })
    expect(await readdir(links)).toEqual([])
  })
})
