import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventsAbout, startTestCluster, type TestCluster, until } from '../node/testing/cluster.ts'
import { call, path } from './testing/http.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster()
})
afterAll(() => cluster?.stop())

test('a network policy is stored, and one event says that it is not enforced', async () => {
  const policies = path('networking.k8s.io/v1', 'networkpolicies')
  const body = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'deny' } }
  await call(cluster, 'POST', policies, { body: { ...body, spec: { podSelector: {} } } })
  await until('the event is there', async () => (await eventsAbout(cluster, 'deny')).length > 0)
  await call(cluster, 'PATCH', `${policies}/deny`, { body: { metadata: { labels: { changed: 'yes' } } } })
  await call(cluster, 'PATCH', `${policies}/deny`, { body: { spec: { policyTypes: ['Ingress', 'Egress'] } } })
  const events = await eventsAbout(cluster, 'deny')
  expect(events).toMatchObject([{ reason: 'NotEnforced', count: 1 }])
  expect(events[0]?.message).toMatch(/does not enforce them/)
})
