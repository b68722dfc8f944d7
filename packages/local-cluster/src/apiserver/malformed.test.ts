import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestApi, type TestApi, testToken } from '../testing/api.ts'
import { type MalformedRequest, malformedRequest, randomOf, seedObjects } from '../testing/malformed.ts'

const requests = 10_000
const atOnce = 16
const seed = Number(process.env.SLIPWAY_FUZZ_SEED ?? 20_261_125)

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
  for (const name of ['fuzz', 'kept']) {
    await api.request('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }
  await api.request('POST', '/api/v1/namespaces/kept/configmaps', configMap('kept'))
  await api.request('POST', '/api/v1/namespaces/kept/secrets', { kind: 'Secret', metadata: { name: 'kept' }, data: {} })
  for (const { path, body } of seedObjects()) expect((await api.request('POST', path, body)).status, path).toBe(201)
})
afterAll(() => api.stop())

function configMap(name: string) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: '1' } }
}

/** Past fetch, which refuses some methods and mends some paths and headers. Null where the server closed the connection. */
function send({ method, path, body, headers }: MalformedRequest): Promise<{ status: number; text: string } | null> {
  const target = new URL(api.server.plainUrl)
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const options = {
      host: target.hostname,
      port: target.port,
      method,
      path,
      headers: { ...length, authorization: `Bearer ${testToken}`, ...headers },
    }
    const sent = httpRequest(options, (response) => {
      const watching = path.includes('watch=1') && response.statusCode === 200
      if (watching) {
        resolve({ status: 200, text: '' })
        response.destroy()
        return
      }
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
      response.on('error', reject)
    })
    sent.on('error', (error) => ('code' in error && error.code === 'ECONNRESET' ? resolve(null) : reject(error)))
    sent.end(body)
  })
}

/** What the real server says of an apply or a strategic merge patch that does not fit: 500 where one expects 4xx. */
const intended500s = [
  'failed to create typed patch object',
  'failed to convert new object',
  'strconv.ParseUint: parsing',
  'unable to find api field in struct',
  'unknown patch type:',
  'does not contain declared merge key',
  'list element types are not identical',
  'no elements in any of the given slices',
  'but received a',
  "doesn't match $setElementOrder list",
]

/** Failures that the real server answers with 5xx, too: those above, and a version from the future. */
function isKubernetes5xx(status: number, text: string): boolean {
  if (status === 500) return intended500s.some((part) => text.includes(part))
  return status === 504 && text.includes('Too large resource version')
}

const state = async (namespace: string) => {
  const maps = await api.request('GET', `/api/v1/namespaces/${namespace}/configmaps`)
  const secrets = await api.request('GET', `/api/v1/namespaces/${namespace}/secrets`)
  return [maps.body, secrets.body].map((list) => Reflect.get(Object(list), 'items'))
}

test(`${requests} malformed requests: no crash, no failure of the server, the store unharmed`, async () => {
  const random = randomOf(seed)
  const before = await state('kept')
  const wrong: string[] = []
  let left = requests
  const statuses = new Map<number, number>()
  const worker = async () => {
    while (left > 0) {
      left -= 1
      const made = malformedRequest(random)
      let answer: Awaited<ReturnType<typeof send>>
      try {
        answer = await send(made)
      } catch (error) {
        // Node's own client refuses to send what is not HTTP at all.
        if (error instanceof TypeError) continue
        throw new Error(`${made.method} ${made.path.slice(0, 200)}: ${String(error)}`)
      }
      const status = answer?.status ?? 0
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (answer === null || (status >= 500 && !isKubernetes5xx(status, answer.text))) {
        wrong.push(
          `${status} to ${made.method} ${made.path.slice(0, 200)} ${made.body?.slice(0, 400)}: ${answer?.text.slice(0, 300)}`,
        )
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  expect([...new Set(wrong)].slice(0, 10)).toEqual([])
  expect(await state('kept')).toEqual(before)
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
  // Most were refused, and for many reasons.
  expect([...statuses].filter(([status]) => status >= 400).reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(
    requests / 2,
  )
  for (const status of [400, 404, 405, 409, 415, 422]) expect(statuses.get(status) ?? 0, `${status}`).toBeGreaterThan(0)
  // And it still works: what it holds can be read, and a new object comes and goes.
  for (const kind of ['configmaps', 'pods', 'services', 'secrets']) {
    expect((await api.request('GET', `/api/v1/namespaces/fuzz/${kind}`)).status).toBe(200)
  }
  expect((await api.request('POST', '/api/v1/namespaces/kept/configmaps', configMap('after'))).status).toBe(201)
  expect((await api.request('DELETE', '/api/v1/namespaces/kept/configmaps/after')).status).toBe(200)
})
