import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestApi, type TestApi } from '../testing/api.ts'
import { isConflict } from './errors.ts'
import { ConfigMaps } from './resources.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.stop())

test('a patch for an object that has gone and come again is a lost race, a wrong patch is not', async () => {
  const local = api.server.localApi('test')
  const key = { namespace: 'default', name: 'again' }
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: key }
  const { metadata } = await local.create(object)
  await local.delete(ConfigMaps, key)
  await local.create(object)
  const failure = (body: Parameters<typeof local.patch>[2]['body']) =>
    local.patch(ConfigMaps, key, { type: 'merge', body }).then(
      () => null,
      (error: unknown) => error,
    )
  expect(isConflict(await failure({ metadata: { uid: metadata.uid, labels: { a: 'b' } } }))).toBe(true)
  expect(isConflict(await failure({ metadata: { resourceVersion: '1', labels: { a: 'b' } } }))).toBe(true)
  const wrong = await failure({ metadata: { labels: { 'a b': 'c' } } })
  expect(wrong).toMatchObject({ reason: 'Invalid' })
  expect(isConflict(wrong)).toBe(false)
})
