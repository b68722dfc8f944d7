import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parseCredentials } from '../../../../packages/builder/src/registry/credentials.ts'
import { openSession } from '../../../../packages/builder/src/registry/session.ts'
import { beginUpload, hasBlob } from '../../../../packages/builder/src/registry/upload.ts'
import { hasProgram } from '../../../../packages/builder/src/testing/docker-registry.ts'
import { uploadBlob } from '../../../../packages/builder/src/testing/upload-blob.ts'
import { withCredentials } from '../registry-settings.ts'
import {
  accessIn,
  basic,
  createTokenWorld,
  makeKey,
  OPERATOR,
  type RegistryName,
  type TestUser,
  type TokenWorld,
} from './testing/token-world.ts'
import { REGISTRY_SERVICE, readTokenKey } from './token-key.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

const signal = new AbortController().signal
let world: TokenWorld
beforeAll(async () => {
  world = await createTokenWorld()
})
afterAll(() => world?.stop())

function content(text: string | Buffer = randomBytes(10_000)) {
  return { digest: `sha256:${createHash('sha256').update(text).digest('hex')}`, blob: new Blob([text]) }
}

const names = (['docker-registry', 'embedded'] satisfies RegistryName[]).filter(
  (name) => name === 'embedded' || hasProgram(name),
)

describe.each(names)('the tokens of %s', (name) => {
  let registry: Awaited<ReturnType<TokenWorld['startRegistry']>>
  const secret = content('the source of the rival')
  beforeAll(async () => {
    registry = await world.startRegistry(name)
    await uploadBlob(as('build', 'rival/production', 'slipway/rival/shop-web'), secret)
  })
  afterAll(() => registry?.stop())

  /** A client with the credentials that the platform makes for a build or an environment. */
  function as(user: TestUser, place: string, repository: string, mountFrom: string | null = null) {
    const config = withCredentials(null, world.own(registry.origin).credentials.of(user, world.ids[user][place] ?? ''))
    const access = user === 'build' ? 'push' : 'pull'
    const credentials = parseCredentials(config)
    return openSession({ origin: registry.origin, repository, credentials, access, mountFrom, signal })
  }
  const raw = (method: string, target: string, token: string | null = null) =>
    fetch(`${registry.origin}${target}`, {
      method,
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    })
  it('let a build push to the repository of its app, and keep base layers', async () => {
    const layer = content()
    for (const repository of ['slipway/acme/shop-web', 'slipway/slipway.base/layers'])
      expect(await uploadBlob(as('build', 'acme/production', repository), layer)).toMatchObject({ how: 'sent' })
    const from = 'slipway/slipway.base/layers'
    const other = as('build', 'rival/production', 'slipway/rival/shop-web', from)
    expect(await beginUpload(other, layer.digest, from)).toBeNull()
  })

  it('let an environment pull what its siblings pushed, and no more', async () => {
    const layer = content()
    await uploadBlob(as('build', 'acme/staging', 'slipway/acme/shop-web'), layer)
    expect(await hasBlob(as('environment', 'acme/production', 'slipway/acme/shop-web'), layer.digest)).toBe(true)
    const theirs = as('environment', 'acme/production', 'slipway/rival/shop-web')
    await expect(hasBlob(theirs, secret.digest)).rejects.toThrow('does not accept its credentials')
    const scope = 'repository:slipway/acme/shop-web:pull,push,delete'
    expect(await accessIn(await world.ask('environment', 'acme/production', scope))).toMatchObject({
      access: [{ type: 'repository', name: 'slipway/acme/shop-web', actions: ['pull'] }],
    })
  })

  it('let nobody in without credentials', async () => {
    const blob = `/v2/slipway/rival/shop-web/blobs/${secret.digest}`
    for (const [method, target] of [
      ['GET', '/v2/'],
      ['GET', '/v2/_catalog'],
      ['GET', '/v2/slipway/rival/shop-web/tags/list'],
      ['GET', blob],
      ['HEAD', blob],
      ['DELETE', blob],
      ['POST', '/v2/slipway/rival/shop-web/blobs/uploads/'],
      ['PUT', '/v2/slipway/rival/shop-web/manifests/v1'],
    ] as const)
      expect((await raw(method, target)).status, `${method} ${target}`).toBe(401)
    expect((await fetch(`${world.realm}?scope=repository:slipway/rival/shop-web:pull`)).status).toBe(401)
  })

  it("keep a build out of others' repositories, and from deleting and listing", async () => {
    for (const repository of ['slipway/rival/shop-web', 'slipway/acme/shop-api', 'acme/shop-web', 'slipway/acme']) {
      const session = as('build', 'acme/production', repository)
      await expect(uploadBlob(session, content()), repository).rejects.toThrow('does not accept its credentials')
    }
    const wide =
      'repository:slipway/acme/shop-web:pull,push,delete,* registry:catalog:* repository:slipway/rival/shop-web:pull'
    const { access, token } = await accessIn(await world.ask('build', 'acme/production', wide))
    expect(access).toEqual([{ type: 'repository', name: 'slipway/acme/shop-web', actions: ['pull', 'push'] }])
    const layer = content()
    await uploadBlob(as('build', 'acme/production', 'slipway/acme/shop-web'), layer)
    expect((await raw('DELETE', `/v2/slipway/acme/shop-web/blobs/${layer.digest}`, token)).status).toBe(401)
    expect([400, 401]).toContain((await raw('GET', '/v2/_catalog', token)).status)
  })

  it.each([
    'slipway/acme/../rival/shop-web',
    'slipway/Rival/shop-web',
    'slipway%2Frival%2Fshop-web',
    'slipway/acme/shop-web/../../rival/shop-web',
  ])('are not tricked by the name %s', async (repository) => {
    const scope = `repository:${repository}:pull`
    const { access, token } = await accessIn(await world.ask('environment', 'acme/production', scope))
    expect(access).toEqual([])
    const answer = await raw('GET', `/v2/${repository}/blobs/${secret.digest}`, token)
    expect([400, 401, 404]).toContain(answer.status)
  })

  it('do not mount from a repository that the caller may not read', async () => {
    const from = 'slipway/rival/shop-web'
    const session = as('build', 'acme/production', 'slipway/acme/shop-web', from)
    const begun = await beginUpload(session, secret.digest, from).catch((error: Error) => error.message)
    if (typeof begun === 'string') expect(begun).toContain('does not accept its credentials')
    else expect(begun).toBeInstanceOf(URL)
    expect(await hasBlob(as('build', 'acme/production', 'slipway/acme/shop-web'), secret.digest)).toBe(false)
  })

  it('end with the build', async () => {
    const session = as('build', 'acme/staging', 'slipway/acme/shop-web')
    const id = world.ids.build['acme/staging'] ?? ''
    await uploadBlob(session, content())
    for (const end of [{ status: 'succeeded' }, { status: 'running', cancelRequestedAt: new Date() }] as const) {
      await world.database.db.client.build.update({ where: { id }, data: end })
      const late = as('build', 'acme/staging', 'slipway/acme/shop-web')
      await expect(uploadBlob(late, content())).rejects.toThrow('does not accept its credentials')
    }
    await world.database.db.client.build.update({ where: { id }, data: { status: 'running', cancelRequestedAt: null } })
  })

  it('expire, and are signed by nobody else', async () => {
    const target = `/v2/slipway/acme/shop-web/blobs/${content().digest}`
    const access = [{ type: 'repository', name: 'slipway/acme/shop-web', actions: ['pull'] }]
    const terms = { subject: 'build', access, lifeSeconds: 60 }
    const now = new Date()
    const key = readTokenKey(world.pem)
    expect((await raw('GET', target, key.sign({ ...terms, now }))).status).toBe(404)
    const early = new Date(now.getTime() - 10 * 60_000)
    expect((await raw('GET', target, key.sign({ ...terms, now: early }))).status).toBe(401)
    const foreign = readTokenKey(makeKey()).sign({ ...terms, now })
    expect((await raw('GET', target, foreign)).status).toBe(401)
    const [, body = '', signature = ''] = key.sign({ ...terms, now }).split('.')
    const none = Buffer.from(JSON.stringify({ typ: 'JWT', alg: 'none' })).toString('base64url')
    for (const token of [`${none}.${body}.`, `${none}.${body}.${signature}`])
      expect((await raw('GET', target, token)).status).toBe(401)
  })

  it('give the operator everything', async () => {
    const scope = 'repository:slipway/rival/shop-web:pull,delete registry:catalog:*'
    const ask = (password: string) =>
      fetch(`${world.realm}?service=${REGISTRY_SERVICE}&scope=${encodeURIComponent(scope)}`, {
        headers: basic(OPERATOR.username, password),
      })
    expect((await ask('wrong')).status).toBe(401)
    const { token } = await accessIn(await ask(OPERATOR.password))
    expect((await raw('HEAD', `/v2/slipway/rival/shop-web/blobs/${secret.digest}`, token)).status).toBe(200)
  })
})
