import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pick, startTestApi, type TestApi } from '../../testing/api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
  await made('/api/v1/namespaces', { metadata: { name: 'team' } })
  await made('/api/v1/namespaces/team/serviceaccounts', { metadata: { name: 'robot' } })
})
afterAll(() => api.stop())

async function made(path: string, body: object): Promise<unknown> {
  const answer = await api.request('POST', path, body)
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}

async function tokenOf(spec: object): Promise<string> {
  return String(pick(await made('/api/v1/namespaces/team/serviceaccounts/robot/token', { spec }), 'status.token'))
}

const whoami = (token: string) =>
  api.request('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, { authorization: `Bearer ${token}` })

const review = (token: string) => made('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token } })

describe('tokens of service accounts', () => {
  it('say whose they are', async () => {
    const answer = await whoami(await tokenOf({}))
    expect(answer.status).toBe(201)
    expect(pick(answer.body, 'status.userInfo.username')).toBe('system:serviceaccount:team:robot')
  })

  it('are refused when a character of them was changed', async () => {
    const [header, payload, signature = ''] = (await tokenOf({})).split('.')
    const other = signature.startsWith('A') ? 'B' : 'A'
    expect((await whoami(`${header}.${payload}.${other}${signature.slice(1)}`)).status).toBe(401)
  })

  it('are for their audience only', async () => {
    const token = await tokenOf({ audiences: ['elsewhere'] })
    expect((await whoami(token)).status).toBe(401)
    const asked = await made('/apis/authentication.k8s.io/v1/tokenreviews', {
      spec: { token, audiences: ['elsewhere'] },
    })
    expect(pick(asked, 'status.authenticated')).toBe(true)
  })

  it('end with the object that they are bound to, and not with another of its name', async () => {
    const secret = { metadata: { name: 'bound' } }
    await made('/api/v1/namespaces/team/secrets', secret)
    const token = await tokenOf({ boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: 'bound' } })
    expect((await whoami(token)).status).toBe(201)
    await api.request('DELETE', '/api/v1/namespaces/team/secrets/bound')
    expect((await whoami(token)).status).toBe(401)
    expect(pick(await review(token), 'status')).toEqual({ user: {}, error: 'invalid bearer token' })
    await made('/api/v1/namespaces/team/secrets', secret)
    expect((await whoami(token)).status).toBe(401)
  })

  it('end with their account', async () => {
    await made('/api/v1/namespaces/team/serviceaccounts', { metadata: { name: 'leaver' } })
    const answer = await made('/api/v1/namespaces/team/serviceaccounts/leaver/token', {})
    const token = String(pick(answer, 'status.token'))
    expect((await whoami(token)).status).toBe(201)
    await api.request('DELETE', '/api/v1/namespaces/team/serviceaccounts/leaver')
    expect((await whoami(token)).status).toBe(401)
  })
})
