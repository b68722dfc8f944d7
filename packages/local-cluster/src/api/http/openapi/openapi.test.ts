import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pick, startTestApi, type TestApi } from '../../../testing/api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.stop())

/** Every `$ref` in a document. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, child]) =>
    key === '$ref' && typeof child === 'string' ? [child] : references(child),
  )
}

describe('OpenAPI', () => {
  test('every document of version 3 is whole, and stays what its hash says', async () => {
    const index = await api.request('GET', '/openapi/v3')
    const paths = Object.entries(Object(pick(index.body, 'paths')))
    expect(paths.length).toBeGreaterThan(10)
    for (const [name, entry] of paths) {
      const url = String(pick(entry, 'serverRelativeURL'))
      const document = await api.request('GET', url)
      expect(document.status, name).toBe(200)
      expect(document.headers.get('cache-control'), name).toBe('public, immutable')
      const schemas = new Set(Object.keys(Object(pick(document.body, 'components.schemas'))))
      for (const reference of references(document.body)) {
        expect(schemas, name).toContain(reference.replace('#/components/schemas/', ''))
      }
      const again = { 'if-none-match': document.headers.get('etag') ?? '' }
      expect((await api.request('GET', url, undefined, again)).status, name).toBe(304)
    }
    const stale = await fetch(`${api.server.plainUrl}/openapi/v3/apis/apps/v1?hash=old`, {
      redirect: 'manual',
      headers: { authorization: 'Bearer token-for-tests' },
    })
    expect(stale.status).toBe(301)
    expect(stale.headers.get('location')).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/)
    expect((await api.request('GET', '/openapi/v3/apis/nobody/v1')).status).toBe(404)
  })

  test('version 2 is whole, says what fields are and how lists merge', async () => {
    const { body } = await api.request('GET', '/openapi/v2')
    const definitions = Object(pick(body, 'definitions'))
    for (const reference of references(body)) {
      expect(Object.keys(definitions)).toContain(reference.replace('#/definitions/', ''))
    }
    const podSpec = definitions['io.k8s.api.core.v1.PodSpec']
    expect(podSpec.required).toEqual(['containers'])
    expect(podSpec.properties.containers).toMatchObject({
      type: 'array',
      items: { $ref: '#/definitions/io.k8s.api.core.v1.Container' },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
    })
    expect(podSpec.properties.volumes['x-kubernetes-patch-strategy']).toBe('merge,retainKeys')
  })
})

describe('reviews', () => {
  const authorization = '/apis/authorization.k8s.io/v1'

  test('say who one is, and refuse what is no question', async () => {
    const who = await api.request('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {})
    expect(pick(who.body, 'status.userInfo.groups')).toEqual(['system:masters', 'system:authenticated'])
    const spec = { resourceAttributes: { verb: 'create', resource: 'pods' } }
    const may = await api.request('POST', `${authorization}/selfsubjectaccessreviews`, { spec })
    expect(may).toMatchObject({ status: 201, body: { spec, status: { allowed: true } } })
    const nothing = await api.request('POST', `${authorization}/selfsubjectaccessreviews`, { spec: {} })
    expect(nothing.status).toBe(422)
    expect((await api.request('GET', `${authorization}/selfsubjectaccessreviews`)).status).toBe(405)
    expect((await api.request('POST', `${authorization}/nothing`, {})).status).toBe(404)
    const nobody = { authorization: 'Bearer nobody' }
    expect((await api.request('POST', `${authorization}/selfsubjectaccessreviews`, { spec }, nobody)).status).toBe(401)
  })

  test('a token review knows the tokens of service accounts, for the audience they were made for', async () => {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } }
    await api.request('POST', '/api/v1/namespaces/default/serviceaccounts', account)
    const made = await api.request('POST', '/api/v1/namespaces/default/serviceaccounts/robot/token', {
      spec: { audiences: ['vault'] },
    })
    expect(made.status).toBe(201)
    const token = pick(made.body, 'status.token')
    const review = async (audiences: string[]) =>
      (await api.request('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token, audiences } })).body
    expect(await review(['vault'])).toMatchObject({
      status: { authenticated: true, user: { username: 'system:serviceaccount:default:robot' } },
    })
    expect(pick(await review(['other']), 'status.authenticated')).toBeUndefined()
    const here = { authorization: `Bearer ${String(token)}` }
    expect((await api.request('GET', '/api/v1/pods', undefined, here)).status).toBe(401)
  })
})
