import { afterAll, beforeAll, expect, test } from 'vitest'
import { pick, startTestApi, type TestApi } from '../../../testing/api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.stop())

const autoscalers = (version: string) => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`
const merge = { 'content-type': 'application/merge-patch+json' }
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }

test('an autoscaler of v1 is one of v2 with a target for the CPU', async () => {
  const made = await api.request('POST', autoscalers('v1'), {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: { scaleTargetRef, maxReplicas: 5, targetCPUUtilizationPercentage: 60 },
  })
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({
    apiVersion: 'autoscaling/v1',
    spec: { minReplicas: 1, maxReplicas: 5, targetCPUUtilizationPercentage: 60 },
    status: { currentReplicas: 0, desiredReplicas: 0 },
  })
  expect(pick(made.body, 'metadata.annotations')).toBeUndefined()
  const { body } = await api.request('GET', `${autoscalers('v2')}/web`)
  expect(pick(body, 'spec.metrics')).toEqual([
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
  ])
})

test('what v1 has no fields for is kept in annotations, and comes back from them', async () => {
  const memory = {
    type: 'Resource',
    resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } },
  }
  const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } }
  const spec = { scaleTargetRef, maxReplicas: 4, metrics: [memory], behavior }
  const object = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'rich' }, spec }
  const stored = await api.request('POST', autoscalers('v2'), object)
  const v1 = await api.request('GET', `${autoscalers('v1')}/rich`)
  expect(
    JSON.parse(
      String(Reflect.get(Object(pick(v1.body, 'metadata.annotations')), 'autoscaling.alpha.kubernetes.io/metrics')),
    ),
  ).toEqual([{ type: 'Resource', resource: { name: 'memory', targetAverageValue: '100Mi' } }])
  expect(pick(v1.body, 'spec.behavior')).toBeUndefined()
  const put = await api.request('PUT', `${autoscalers('v1')}/rich`, v1.body)
  expect(put.status).toBe(200)
  const again = await api.request('GET', `${autoscalers('v2')}/rich`)
  expect(pick(again.body, 'spec')).toEqual(pick(stored.body, 'spec'))
  expect(pick(again.body, 'metadata.annotations')).toBeUndefined()
})

test('a patch of v1 speaks of the fields of v1', async () => {
  const patched = await api.request(
    'PATCH',
    `${autoscalers('v1')}/web`,
    { spec: { targetCPUUtilizationPercentage: 75 } },
    merge,
  )
  expect(pick(patched.body, 'spec.targetCPUUtilizationPercentage')).toBe(75)
  const { body } = await api.request('GET', `${autoscalers('v2')}/web`)
  expect(pick(body, 'spec.metrics.0.resource.target.averageUtilization')).toBe(75)
})

test('lists and watches show the version that was asked for', async () => {
  const list = await api.request('GET', autoscalers('v1'))
  expect(list.body).toMatchObject({ kind: 'HorizontalPodAutoscalerList', apiVersion: 'autoscaling/v1' })
  expect(pick(list.body, 'items.1.spec.targetCPUUtilizationPercentage')).toBe(75)
  const watch = await api.request('GET', `${autoscalers('v1')}?watch=1&timeoutSeconds=1`)
  expect(watch.body).toMatchObject({ type: 'ADDED', object: { apiVersion: 'autoscaling/v1' } })
})

test('versions that Kubernetes 1.36 no longer has are not there', async () => {
  for (const path of [
    '/apis/policy/v1beta1',
    '/apis/batch/v1beta1',
    '/apis/autoscaling/v2beta2',
    '/apis/extensions/v1beta1',
  ]) {
    expect((await api.request('GET', path)).status, path).toBe(404)
  }
})

const events = { core: '/api/v1/namespaces/default/events', new: '/apis/events.k8s.io/v1/namespaces/default/events' }
const newEvent = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name: 'web.1' },
  eventTime: '2026-01-01T00:00:00.000000Z',
  reportingController: 'example.com/test',
  reportingInstance: 'test-1',
  action: 'Testing',
  reason: 'Tested',
  type: 'Normal',
  regarding: { kind: 'Pod', name: 'web', namespace: 'default' },
  note: 'it was tested',
}

test('an event can be written and read in either form', async () => {
  const made = await api.request('POST', events.new, newEvent)
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({
    apiVersion: 'events.k8s.io/v1',
    note: 'it was tested',
    deprecatedSource: {},
    deprecatedFirstTimestamp: null,
  })
  const core = await api.request('GET', `${events.core}/web.1`)
  expect(core.body).toMatchObject({
    apiVersion: 'v1',
    message: 'it was tested',
    involvedObject: { kind: 'Pod', name: 'web' },
    reportingComponent: 'example.com/test',
  })
  const found = await api.request('GET', `${events.new}?fieldSelector=regarding.name%3Dweb`)
  expect(pick(found.body, 'items')).toHaveLength(1)
  const wrong = await api.request('GET', `${events.new}?fieldSelector=involvedObject.name%3Dweb`)
  expect([wrong.status, pick(wrong.body, 'message')]).toEqual([400, expect.stringMatching(/field label not supported/)])
})

test('an event stands in the namespace of what it is about', async () => {
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'web.3' },
    involvedObject: { kind: 'Pod', name: 'web', namespace: 'team' },
  }
  const refused = await api.request('POST', events.core, event)
  expect([refused.status, pick(refused.body, 'message')]).toEqual([
    422,
    'Event "web.3" is invalid: involvedObject.namespace: Invalid value: "team": does not match event.namespace',
  ])
})

test('an event in the new form that lacks what the form asks for is refused', async () => {
  const { eventTime: _time, ...rest } = newEvent
  const refused = await api.request('POST', events.new, {
    ...rest,
    metadata: { name: 'web.2' },
    type: 'Loud',
    deprecatedCount: 3,
  })
  expect(refused.status).toBe(422)
  expect(pick(refused.body, 'message')).toBe(
    'Event.events.k8s.io "web.2" is invalid: [eventTime: Required value, type: Invalid value: "": has invalid value: Loud, count: Invalid value: "": needs to be unset]',
  )
})
