import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pick, startTestApi, type TestApi } from '../../testing/api.ts'
import type { KubernetesObject } from '../../types/objects.ts'

const namespace = 'team'
const home = `/api/v1/namespaces/${namespace}`
const rbac = '/apis/rbac.authorization.k8s.io/v1'
let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
  await made('/api/v1/namespaces', { metadata: { name: namespace } })
  await made('/api/v1/namespaces', { metadata: { name: 'other' } })
  await made(`${home}/serviceaccounts`, { metadata: { name: 'robot' } })
})
afterAll(() => api.stop())

async function made(path: string, body: object): Promise<KubernetesObject> {
  const answer = await api.request('POST', path, body)
  expect(answer.status, answer.text).toBe(201)
  return answer.body as KubernetesObject
}

const tokenOf = (name: string) => api.server.accounts.issue({ namespace, name })
const as = (token: string, method: string, path: string, body?: object) =>
  api.request(method, path, body, { authorization: `Bearer ${token}` })
/** What every account may read. */
const statusFor = async (token: string) => (await as(token, 'GET', '/apis')).status

describe('tokens of service accounts', () => {
  it('are refused when a character of them was changed', async () => {
    const token = await tokenOf('robot')
    expect(await statusFor(token)).toBe(200)
    const [header, payload, signature = ''] = token.split('.')
    const other = signature.startsWith('A') ? 'B' : 'A'
    expect(await statusFor(`${header}.${payload}.${other}${signature.slice(1)}`)).toBe(401)
  })

  it('end with the pod that they are bound to, and not with another of its name', async () => {
    const pod = { metadata: { name: 'bound' }, spec: { containers: [{ name: 'app', image: 'app' }] } }
    const bound = await made(`${home}/pods`, pod)
    const token = await api.server.accounts.issue({ namespace, name: 'robot' }, bound)
    expect(await api.server.accounts.issue({ namespace, name: 'robot' }, bound)).toBe(token)
    expect(await statusFor(token)).toBe(200)
    await api.request('DELETE', `${home}/pods/bound?gracePeriodSeconds=0`)
    expect(await statusFor(token)).toBe(401)
    await made(`${home}/pods`, pod)
    expect(await statusFor(token)).toBe(401)
  })

  it('end with their account', async () => {
    await made(`${home}/serviceaccounts`, { metadata: { name: 'leaver' } })
    const token = await tokenOf('leaver')
    expect(await statusFor(token)).toBe(200)
    await api.request('DELETE', `${home}/serviceaccounts/leaver`)
    expect(await statusFor(token)).toBe(401)
  })
})

describe('roles', () => {
  const user = 'system:serviceaccount:team:robot'
  const bind = (kind: string, name: string, subject: object) =>
    made(kind === 'Role' ? `${rbac}/namespaces/${namespace}/rolebindings` : `${rbac}/clusterrolebindings`, {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
      subjects: [subject],
    })
  const robot = { kind: 'ServiceAccount', name: 'robot', namespace }

  it('are what an account may do, and without one it may do nothing', async () => {
    const token = await tokenOf('robot')
    const refused = await as(token, 'GET', `${home}/configmaps`)
    expect(refused).toMatchObject({
      status: 403,
      body: {
        status: 'Failure',
        reason: 'Forbidden',
        message: `configmaps is forbidden: User "${user}" cannot list resource "configmaps" in API group "" in the namespace "team"`,
        details: { kind: 'configmaps' },
      },
    })
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }]
    await made(`${rbac}/namespaces/${namespace}/roles`, { metadata: { name: 'reader' }, rules })
    await bind('Role', 'reader', robot)
    expect((await as(token, 'GET', `${home}/configmaps`)).status).toBe(200)
    expect((await as(token, 'GET', `${home}/configmaps/none`)).status).toBe(404)
    expect((await as(token, 'GET', `${home}/configmaps?watch=true`)).status).toBe(403)
    expect((await as(token, 'GET', '/api/v1/namespaces/other/configmaps')).status).toBe(403)
    expect(pick((await as(token, 'GET', '/api/v1/configmaps')).body, 'message')).toBe(
      `configmaps is forbidden: User "${user}" cannot list resource "configmaps" in API group "" at the cluster scope`,
    )
    await api.request('DELETE', `${rbac}/namespaces/${namespace}/rolebindings/reader`)
    expect((await as(token, 'GET', `${home}/configmaps`)).status).toBe(403)
  })

  it('name subresources and objects, and reach everywhere when bound to the cluster', async () => {
    const token = await tokenOf('robot')
    const rules = [
      { apiGroups: [''], resources: ['pods/log'], verbs: ['*'] },
      { apiGroups: ['*'], resources: ['secrets'], resourceNames: ['mine'], verbs: ['get', 'list'] },
      { nonResourceURLs: ['/metrics/*'], verbs: ['get'] },
    ]
    await made(`${rbac}/clusterroles`, { metadata: { name: 'logs' }, rules })
    await bind('ClusterRole', 'logs', { kind: 'Group', name: 'system:serviceaccounts:team' })
    const answers: [string, number][] = [
      ['/api/v1/namespaces/other/pods/none/log', 404],
      ['/api/v1/namespaces/other/pods/none', 403],
      ['/api/v1/namespaces/other/secrets/mine', 404],
      ['/api/v1/namespaces/other/secrets?fieldSelector=metadata.name%3Dmine', 200],
      ['/api/v1/namespaces/other/secrets', 403],
      ['/metrics/nothing', 404],
      ['/logs', 403],
    ]
    for (const [path, status] of answers) expect((await as(token, 'GET', path)).status, path).toBe(status)
    expect(pick((await as(token, 'GET', '/logs')).body, 'message')).toBe(
      `forbidden: User "${user}" cannot get path "/logs"`,
    )
  })

  it('let nobody make by an apply what he may only change', async () => {
    const token = await tokenOf('robot')
    const rules = [{ apiGroups: [''], resources: ['services'], verbs: ['patch'] }]
    await made(`${rbac}/namespaces/${namespace}/roles`, { metadata: { name: 'patcher' }, rules })
    await bind('Role', 'patcher', robot)
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } }
    const apply = () =>
      api.request('PATCH', `${home}/services/web?fieldManager=test`, service, {
        authorization: `Bearer ${token}`,
        'content-type': 'application/apply-patch+yaml',
      })
    expect(await apply()).toMatchObject({ status: 403, body: { message: 'services "web" is forbidden: ' } })
    await made(`${home}/services`, service)
    expect((await apply()).status).toBe(200)
  })
})
