import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApi, type TestApi } from '../testing/api.ts'

/**
 * The requests that were sent to a real Kubernetes 1.36 cluster, sent again: what does not come from controllers or the kubelet
 * must be answered in the same words.
 */
interface Exchange {
  request: { method: string; path: string; contentType?: string; body?: unknown }
  response: { status: number; body: unknown }
}
interface Recording {
  namespace?: string
  exchanges: Exchange[]
}

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.stop())

function read(name: string): Recording {
  return JSON.parse(readFileSync(new URL(`../../../../test-data/recordings/${name}.json`, import.meta.url), 'utf8'))
}

const perRun = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'time',
  'clusterIP',
  'clusterIPs',
])
const uid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/** Without what differs from run to run and what only controllers write. */
function comparable(value: unknown, ignored: Set<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => comparable(item, ignored))
  if (typeof value === 'string') return value.replace(uid, 'UID')
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, child]) => !perRun.has(key) && !(ignored.has(key) && typeof child === 'object'))
      .map(([key, child]) => [key, comparable(key === 'managedFields' ? ownManagers(child) : child, ignored)]),
  )
}

/** Managers besides the controllers, by name: two writes in the same second have no order in time. */
function ownManagers(entries: unknown): unknown {
  if (!Array.isArray(entries)) return entries
  const own = entries.filter((entry) => entry.manager !== 'kube-controller-manager')
  return own.sort((a, b) => (a.manager < b.manager ? -1 : 1))
}

async function replay(name: string, ignored: string[], skip: (exchange: Exchange) => boolean = () => false) {
  const recording = read(name)
  const namespace = recording.namespace ?? ''
  const labels = name.startsWith('pod-security') ? { 'pod-security.kubernetes.io/enforce': 'restricted' } : {}
  const made = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } }
  expect((await api.request('POST', '/api/v1/namespaces', made)).status).toBe(201)
  const left = new Set(ignored)
  let compared = 0
  for (const exchange of recording.exchanges) {
    const { request, response } = exchange
    const body = await prepared(request)
    const headers: Record<string, string> =
      request.contentType === undefined ? {} : { 'content-type': request.contentType }
    const answer = await api.request(request.method, request.path, body, headers)
    if (skip(exchange)) continue
    const got = { status: answer.status, body: comparable(answer.body, left) }
    const wanted = { status: response.status, body: comparable(response.body, left) }
    expect(got, `${request.method} ${request.path}`).toEqual(wanted)
    compared += 1
  }
  expect(compared).toBeGreaterThan(0)
}

/** Recorded bodies that carry the identity of the recorded object get that of ours. */
async function prepared(request: Exchange['request']): Promise<unknown> {
  const { body } = request
  if (typeof body === 'string' && body.startsWith('<a ConfigMap')) {
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'big' }, data: { a: 'x'.repeat(1_100_000) } }
  }
  if (request.method !== 'PUT') return body ?? undefined
  const current = await api.request('GET', request.path)
  const text = JSON.stringify(body).replace(uid, String(/"uid":"([^"]+)"/.exec(current.text)?.[1]))
  return JSON.parse(text)
}

// Recorded answers without managedFields had them removed.
const withoutOwnership = ['managedFields', 'status', 'annotations']

describe('answers of a real cluster', () => {
  test('errors of every kind', async () => {
    // The recorded cluster had forgotten revision 1; a new one has not, see watch.test.ts.
    await replay('api-errors', ['managedFields'], ({ request }) => request.path.includes('watch=1'))
  })

  test('server-side apply: ownership, conflicts, pruning', async () => {
    await replay('server-side-apply', ['annotations', 'status'])
  })

  test('refusals of pod security', () => replay('pod-security-restricted', withoutOwnership))
  test('refusals of quotas', () => replay('quota-exceeded', withoutOwnership))
  test('a deployment with its defaults', () => replay('deploy-success', withoutOwnership))
  test('a strategic merge patch', () => replay('rolling-update', withoutOwnership))
  test('a merge patch and a JSON patch', () => replay('rollback', withoutOwnership))
  test('the scale subresource', () => replay('scale-up-down', withoutOwnership))
  test('a service with its defaults', () => replay('service-endpoints', withoutOwnership))
  test('a job with its selector and labels', () => replay('job-success', ['managedFields']))
  test('a job that will fail', () => replay('job-failure', ['managedFields']))
  test('a cron job with its defaults', () => replay('cronjob', ['managedFields']))
  test('a stateful set with its defaults', () => replay('statefulset', withoutOwnership))
  test('a stateful set with claims', () => replay('statefulset-pvc-pending', ['managedFields']))
  test('deletion', () => replay('graceful-delete', withoutOwnership))
})
