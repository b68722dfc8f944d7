import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createApiClient } from '../../testing/client.ts'
import { type LonePlatform, startWithoutCluster } from '../../testing/without-cluster.ts'
import type { AppRouter } from '../index.ts'

/** Without a notification rights are asked for every 20 s: an end that takes so long is one that was not notified of. */
const NOTIFIED_MS = 15_000
const PASSWORD = 'correct horse battery staple'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })
let platform: LonePlatform
beforeAll(async () => {
  platform = await startWithoutCluster()
  await platform.api().app.create.mutate({ ...ref, source: { kind: 'git' } })
})
afterAll(() => platform?.stop())

const ref = { team: 'acme', project: 'shop', environment: 'production', app: 'web' }

/** A new member of the team with an API token. */
async function member(email: string): Promise<{ token: string; tokenId: string }> {
  const { path } = await platform.api().invitation.create.mutate({ team: 'acme', email, role: 'viewer' })
  const anyone = createApiClient(platform.url, null)
  await anyone.invitation.accept.mutate({ token: path.replace('/invite/', ''), name: 'Member', password: PASSWORD })
  const { id, secret } = await anyone.session.login.mutate({ email, password: PASSWORD, tokenName: 'tests' })
  return { token: secret, tokenId: id }
}

/** Opens a stream; answers once its first message came, with a promise of its end's reason. */
async function open(token: string, path: 'app' | 'apps') {
  class Socket extends WebSocket {
    constructor(address: string | URL) {
      super(address, { headers: { authorization: `Bearer ${token}` } })
    }
  }
  const client = createWSClient({
    url: `${platform.url.replace('http', 'ws')}/trpc`,
    WebSocket: Socket as unknown as typeof globalThis.WebSocket,
  })
  const api = createTRPCClient<AppRouter>({ links: [wsLink({ client })] })
  const ended = Promise.withResolvers<string>()
  const begun = Promise.withResolvers<void>()
  const handlers = { onData: () => begun.resolve(), onError: (error: Error) => ended.resolve(error.message) }
  if (path === 'app') api.live.app.subscribe(ref, handlers)
  else api.live.apps.subscribe({}, handlers)
  await begun.promise
  const timer = setTimeout(() => ended.reject(new Error('the stream goes on')), NOTIFIED_MS)
  return { api, ended: ended.promise.finally(() => clearTimeout(timer)), close: () => client.close() }
}

test('a token that is revoked ends its streams, and opens no new one on the same socket', async () => {
  const { token, tokenId } = await member('revoked@example.com')
  const streams = await Promise.all([open(token, 'app'), open(token, 'apps')])
  await createApiClient(platform.url, token).token.revoke.mutate({ token: tokenId })
  for (const { ended } of streams) expect(await ended).toContain('revoked')
  await expect(streams[0]?.api.account.get.query()).rejects.toThrow('revoked')
  for (const { close } of streams) await close()
})

test('a member who is removed loses the app’s stream', async () => {
  const { token } = await member('removed@example.com')
  const stream = await open(token, 'app')
  await platform.api().member.remove.mutate({ team: 'acme', email: 'removed@example.com' })
  expect(await stream.ended).toContain('no team acme')
  await stream.close()
})

test('a password change that revokes tokens ends their streams', async () => {
  const { token } = await member('changed@example.com')
  const { secret } = await createApiClient(platform.url, null).session.login.mutate({
    email: 'changed@example.com',
    password: PASSWORD,
    tokenName: 'another',
  })
  const stream = await open(secret, 'app')
  const change = { current: PASSWORD, next: 'another long password', revokeTokens: true }
  await createApiClient(platform.url, token).account.changePassword.mutate(change)
  expect(await stream.ended).toContain('revoked')
  await stream.close()
})
