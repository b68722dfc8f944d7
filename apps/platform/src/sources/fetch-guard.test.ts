import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { isAppError } from '@slipway/domain'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startRepositoryServer } from '../../test/repository-server.ts'
import { GitError, git } from '../git/git.ts'
import { createWorkTree, type WorkTree } from '../testing/git-client.ts'
import { startWithoutCluster } from '../testing/without-cluster.ts'
import { createFetchGuard, isPublicAddress } from './fetch-guard.ts'
import { testRemote } from './remote.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const TOKEN = 'token of the git host'
let tree: WorkTree
let host: Awaited<ReturnType<typeof startRepositoryServer>>
/** Answers every request with a redirect to `target`, and keeps what it was shown. */
let redirecting: http.Server
let target = ''
let shown: (string | undefined)[] = []

beforeAll(async () => {
  tree = await createWorkTree({ 'a.txt': 'a' })
  host = await startRepositoryServer(tmpdir(), TOKEN)
  redirecting = http.createServer((request, response) => {
    shown.push(request.headers.authorization)
    const query = (request.url ?? '').slice((request.url ?? '').indexOf('/info/refs'))
    response.writeHead(301, { location: target + query }).end()
  })
  await new Promise<void>((resolve) => redirecting.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await tree?.remove()
  await host?.stop()
  redirecting?.close()
})

const source = (repositoryUrl: string) => ({
  host: 'gitea' as const,
  repositoryUrl,
  credentials: { user: null, token: TOKEN },
  branch: 'main',
})
const redirectUrl = () => `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}/old.git`
const ask = (url: string, allowed: readonly string[]) =>
  testRemote(source(url), createFetchGuard(allowed)).then(
    () => 'answered',
    (error: unknown) => (isAppError(error) ? `${error.code}: ${error.message}` : String(error)),
  )

test.each([
  ['8.8.8.8', true], ['140.82.121.4', true], ['2606:4700::1111', true],
  ['0.0.0.0', false], ['10.1.2.3', false], ['100.64.0.1', false], ['127.0.0.1', false], ['127.255.255.254', false],
  ['169.254.169.254', false], ['172.31.0.1', false], ['192.168.1.1', false], ['198.18.0.1', false], ['224.0.0.1', false],
  ['255.255.255.255', false], ['::', false], ['::1', false], ['::ffff:127.0.0.1', false], ['::ffff:8.8.8.8', false],
  ['::7f00:1', false], ['64:ff9b::7f00:1', false], ['2002:7f00:1::', false], ['2001::1', false], ['2001:db8::1', false],
  ['fd00::1', false], ['fe80::1', false], ['fe80::1%eth0', false], ['ff02::1', false], ['nothing', false],
])('whether %s is public: %s', (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected)
}) // biome-ignore format: a table

describe('SSRF: repositories are fetched from public addresses alone', () => {
  test.each([
    'http://127.0.0.1/x.git', 'http://127.1/x.git', 'http://0x7f.1/x.git', 'http://2130706433/x.git', 'http://0177.0.0.1/x.git',
    'http://localhost/x.git', 'http://LOCALHOST./x.git', 'http://[::1]/x.git', 'http://[::ffff:127.0.0.1]/x.git', 'http://[::]/x.git',
    'http://0.0.0.0/x.git', 'http://169.254.169.254/latest', 'https://10.0.0.1/x.git', 'http://user@127.0.0.1:80/x.git',
  ])('%s is refused, with the setting that allows it', async (url) => {
    expect(await ask(url, [])).toMatch(/^forbidden: .* is not a public address.*SLIPWAY_ALLOW_PRIVATE_FETCH=/)
  }) // biome-ignore format: one list

  test.each([
    'file:///etc/passwd',
    'ssh://git@127.0.0.1/x.git',
    'git@github.com:a/b.git',
    'ext::sh -c id',
    'git://127.0.0.1/x',
  ])('%s is no address to fetch from', async (url) => {
    expect(await ask(url, ['all'])).toMatch(/^conflict: .* is not an address that Slipway fetches from\. Use https\.$/)
  })

  test('an operator allows addresses, ranges, names or all', async () => {
    const { port } = new URL(host.url)
    const path = `/${basename(tree.directory)}/.git`
    for (const allowed of [['127.0.0.1'], ['127.0.0.0/8'], ['loopback'], ['all']]) {
      expect(await ask(`http://127.0.0.1:${port}${path}`, allowed), allowed[0]).toBe('answered')
    }
    expect(await ask(`http://localhost:${port}${path}`, ['localhost'])).toBe('answered')
    expect(await ask(`http://127.0.0.1:${port}${path}`, ['localhost', '10.0.0.0/8'])).toMatch(/^forbidden/)
  })

  test('each redirect is checked before it is followed, and the token stays with its host', async () => {
    target = 'http://127.0.0.2:1/x.git'
    expect(await ask(redirectUrl(), ['127.0.0.1'])).toMatch(/^forbidden: 127\.0\.0\.2 is not a public address/)
    target = redirectUrl()
    expect(await ask(redirectUrl(), ['loopback'])).toMatch(/^conflict: .* redirects more than 5 times/)
    shown = []
    target = `${host.url}/${basename(tree.directory)}/.git`
    expect(await ask(redirectUrl(), ['loopback'])).toMatch(/denied access/)
    expect(shown[0]).toBe(`Basic ${btoa(`oauth2:${TOKEN}`)}`)
  })

  test('a repository that has moved on its host is found', async () => {
    const moved = await startRepositoryServer(tmpdir(), null)
    target = `${moved.url}/${basename(tree.directory)}/.git`
    expect(await ask(redirectUrl(), ['loopback'])).toBe('answered')
    await moved.stop()
  })

  test('what git writes has a limit', async () => {
    const repository = await mkdtemp(join(tmpdir(), 'slipway-limit-'))
    await git(['init', '--quiet', '--bare', repository])
    const store = (input: string, maxFileBytes: number) =>
      git(['-C', repository, '-c', 'core.compression=0', 'hash-object', '-w', '--stdin'], { input, maxFileBytes })
    await expect(store('x'.repeat(100_000), 10_240)).rejects.toThrow(GitError)
    expect(await store('x'.repeat(1000), 10_240)).toMatch(/^[0-9a-f]{40}/)
    await rm(repository, { recursive: true, force: true })
  })
})

test('connecting a repository on this machine is refused in the API, with what to do', async () => {
  const platform = await startWithoutCluster({ privateFetch: [] })
  const api = platform.api()
  await api.team.create.mutate({ name: 'Alone', team: 'alone' })
  await api.project.create.mutate({ team: 'alone', name: 'Shop', project: 'shop' })
  const ref = { team: 'alone', project: 'shop', environment: 'production', app: 'web' }
  await api.app.create.mutate({ ...ref, source: { kind: 'git' } })
  const connecting = api.source.connect.mutate({ ...ref, host: 'gitea', repositoryUrl: `${host.url}/x.git` })
  await expect(connecting).rejects.toThrow(
    /127\.0\.0\.1 is not a public address.*SLIPWAY_ALLOW_PRIVATE_FETCH=127\.0\.0\.1/,
  )
  await platform.stop()
})
