import { afterAll, beforeAll, expect, test } from 'vitest'
import { pick, startTestApi, type TestApi } from '../../testing/api.ts'

/** What a real 1.36.2 API server answers to requests that are wrong in themselves. */
let api: TestApi
const place = '/api/v1/namespaces/default'
beforeAll(async () => {
  api = await startTestApi()
  await api.request('POST', `${place}/configmaps`, { metadata: { name: 'a' }, data: { x: '1' } })
})
afterAll(() => api.stop())

const json = { 'content-type': 'application/json-patch+json' }
const merge = { 'content-type': 'application/merge-patch+json' }
const unfit = 'the server rejected our request due to an error in our request'

test.each([
  ['an operation without a place', [{ op: 'remove', path: '/data/none' }], 422, unfit],
  ['a test that fails', [{ op: 'test', path: '/data/x', value: '2' }], 422, unfit],
  ['an unknown operation', [{ op: 'zap', path: '/data/x' }], 422, unfit],
  [
    'no list',
    { op: 'test' },
    400,
    'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
  ],
  [
    'another name',
    [{ op: 'replace', path: '/metadata/name', value: 'b' }],
    400,
    'the name of the object (b) does not match the name on the URL (a)',
  ],
])('a JSON patch: %s', async (_what, patch, code, message) => {
  const { status, body } = await api.request('PATCH', `${place}/configmaps/a`, patch, json)
  expect({ status, message: pick(body, 'message') }).toEqual({ status: code, message })
})

test('a JSON patch replaces a key that is not there by setting it', async () => {
  const patch = [{ op: 'replace', path: '/data/new', value: '2' }]
  const { status, body } = await api.request('PATCH', `${place}/configmaps/a?dryRun=All`, patch, json)
  expect({ status, data: pick(body, 'data') }).toEqual({ status: 200, data: { x: '1', new: '2' } })
})

test('a patch whose result is no object of the kind is a wrong patch, not a wrong request', async () => {
  const { status, body } = await api.request('PATCH', `${place}/configmaps/a`, { data: { x: 5 } }, merge)
  expect(status).toBe(422)
  expect(pick(body, 'reason')).toBe('Invalid')
  expect(pick(body, 'message')).toMatch(
    /^ "" is invalid: patch: Invalid value: "\{.*\}": json: cannot unmarshal number into Go struct field ConfigMap\.data of type string$/,
  )
})

test('a deletion says which precondition does not hold', async () => {
  const { status, body } = await api.request('DELETE', `${place}/configmaps/a`, { preconditions: { uid: 'x' } })
  expect(status).toBe(409)
  expect(pick(body, 'message')).toMatch(
    /^Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition \(x\) does not match the UID in record \(.{36}\)\. The object might have been deleted and then recreated$/,
  )
})

test('a body in another format is refused', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  expect((await api.request('POST', `${place}/configmaps`, 'a=b', form)).status).toBe(415)
})

test('an unknown resource of a group that is served is a Status, of another group plain text', async () => {
  const [known, unknown] = [
    await api.request('GET', `${place}/foos`),
    await api.request('GET', '/apis/foo.bar/v1/foos'),
  ]
  expect(known.body).toMatchObject({ kind: 'Status', message: 'the server could not find the requested resource' })
  expect([unknown.status, unknown.text]).toEqual([404, '404 page not found\n'])
})

test('the default namespace stays', async () => {
  const { status, body } = await api.request('DELETE', '/api/v1/namespaces/default')
  expect([status, pick(body, 'message')]).toEqual([
    403,
    'namespaces "default" is forbidden: this namespace may not be deleted',
  ])
})

test('a Job that is deleted without a word leaves its pods, and warns of it', async () => {
  const pod = { restartPolicy: 'Never', containers: [{ name: 'a', image: 'busybox' }] }
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' }, spec: { template: { spec: pod } } }
  await api.request('POST', '/apis/batch/v1/namespaces/default/jobs', job)
  const { headers, body } = await api.request('DELETE', '/apis/batch/v1/namespaces/default/jobs/j')
  expect(headers.get('warning')).toMatch(/child pods are preserved by default when jobs are deleted/)
  expect(pick(body, 'metadata.finalizers')).toContain('orphan')
})
