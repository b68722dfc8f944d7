import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorkTree } from '../testing/git-client.ts'
import { git, gitConfig, gitEnvironment } from './git.ts'
import { type BackendResult, parseCgiHeader, runHttpBackend } from './http-backend.ts'

const LIMIT = 64 * 1024
let directory = ''
let server: http.Server
let url = ''
const results: BackendResult[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-git-'))
  await git(['init', '--quiet', '--bare', join(directory, 'a.git')])
  server = http.createServer((request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2)
    void runHttpBackend({
      request,
      response,
      env: {
        ...gitEnvironment(gitConfig({ 'http.receivepack': 'true', 'receive.maxInputSize': String(LIMIT) })),
        GIT_PROJECT_ROOT: directory,
        GIT_HTTP_EXPORT_ALL: '1',
        REQUEST_METHOD: request.method,
        PATH_INFO: path,
        QUERY_STRING: query,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        CONTENT_LENGTH: request.headers['content-length'] ?? '',
      },
      bodyLimitBytes: LIMIT * 8,
      onStderr: () => undefined,
    }).then((result) => results.push(result))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(directory, { recursive: true, force: true })
})

/** Text that does not compress. */
const noise = (bytes: number) =>
  Array.from({ length: bytes / 8 }, () => Math.random().toString(36).slice(2, 10)).join('')

test('a pack over git’s limit is refused, and nothing of it stays', async () => {
  const tree = await createWorkTree({ large: noise(LIMIT * 3) })
  const { exitCode, output } = await tree.git('push', `${url}/a.git`, 'main')
  expect(exitCode).not.toBe(0)
  expect(output).toContain('pack exceeds maximum allowed size')
  await tree.remove()
})

test('a body over our limit is refused with 413 when its length is said', async () => {
  const answer = await fetch(`${url}/a.git/git-receive-pack`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-git-receive-pack-request' },
    body: noise(LIMIT * 10),
  })
  expect(answer.status).toBe(413)
  expect(await answer.text()).toContain('512 MiB')
})

test('and cut when it is not', async () => {
  const before = results.length
  await new Promise<void>((resolve) => {
    const request = http.request(`${url}/a.git/git-receive-pack`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-git-receive-pack-request', 'transfer-encoding': 'chunked' },
    })
    request.on('error', () => resolve())
    request.on('response', (response) => response.resume().on('close', () => resolve()))
    request.end(noise(LIMIT * 10))
  })
  await expect.poll(() => results.length, { timeout: 10_000 }).toBe(before + 1)
  await expect.poll(() => results.at(-1)?.tooLarge, { timeout: 10_000 }).toBe(true)
})

test('an early end of the client ends git', async () => {
  const before = results.length
  await new Promise<void>((resolve) => {
    const request = http.request(`${url}/a.git/git-receive-pack`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-git-receive-pack-request', 'content-length': 1000 },
    })
    request.on('error', () => resolve())
    request.write('0000')
    setTimeout(() => request.destroy(), 200)
  })
  await expect.poll(() => results.length, { timeout: 10_000 }).toBe(before + 1)
  expect(results.at(-1)).toMatchObject({ clientGone: true })
})

test('reads the header of a CGI answer', () => {
  expect(parseCgiHeader('Status: 404 Not Found\r\nContent-Type: text/plain')).toEqual({
    status: 404,
    headers: { 'content-type': 'text/plain' },
  })
  expect(parseCgiHeader('Expires: Fri, 01 Jan 1980 00:00:00 GMT\nX: a: b')).toEqual({
    status: 200,
    headers: { expires: 'Fri, 01 Jan 1980 00:00:00 GMT', x: 'a: b' },
  })
})
