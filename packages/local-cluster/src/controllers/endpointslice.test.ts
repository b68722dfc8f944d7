import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPod, NAMESPACE, shell, startTestCluster, type TestCluster, until } from '../node/testing/cluster.ts'
import type { LocalApi } from '../types/client.ts'
import type { Pod } from '../types/pod.ts'
import { EndpointSlices, Pods, Services } from '../types/resources.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../types/service.ts'
import { planSlices } from './endpointslice-plan.ts'
import { portsKey } from './service-endpoints.ts'

const PORTS: EndpointPort[] = [{ name: 'http', port: 8080, protocol: 'TCP' }]
const LABELS = { 'kubernetes.io/service-name': 'web' }

const endpoint = (index: number, ready = true): Endpoint => ({
  addresses: [`10.244.1.${index}`],
  conditions: { ready, serving: ready, terminating: false },
  targetRef: { kind: 'Pod', name: `web-${index}`, namespace: 'test', uid: `uid-${index}` },
})
const slice = (name: string, endpoints: Endpoint[] | null, ports: EndpointPort[] | null = PORTS): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name, labels: LABELS },
  addressType: 'IPv4',
  endpoints,
  ports,
})
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => endpoint(from + index))
const wanted = (endpoints: Endpoint[], ports = PORTS) => [{ key: portsKey(ports), ports, endpoints }]
const names = (slices: readonly EndpointSlice[]) =>
  slices.map(({ metadata, endpoints }) => [metadata.name, endpoints?.length])

describe('slices', () => {
  test('a Service without pods has one that says so, and it is the one that its first pod comes into', () => {
    expect(planSlices([], [], LABELS)).toEqual({
      created: [{ endpoints: null, ports: null }],
      updated: [],
      deleted: [],
    })
    expect(planSlices([slice('a', null, null)], [], LABELS)).toEqual({ created: [], updated: [], deleted: [] })
    const first = planSlices([slice('a', null, null)], wanted([endpoint(1)]), LABELS)
    expect(first).toEqual({ created: [], updated: [slice('a', [endpoint(1)])], deleted: [] })
    const last = planSlices([slice('a', [endpoint(1)]), slice('b', [endpoint(2)])], [], LABELS)
    expect([names(last.updated), names(last.deleted)]).toEqual([[['a', 0]], [['b', 1]]])
  })

  test('hold a hundred endpoints each, which stay where they are', () => {
    const many = planSlices([], wanted(range(0, 250)), LABELS)
    expect(many.created.map(({ endpoints }) => endpoints?.length)).toEqual([100, 100, 50])
    const slices = [slice('a', range(0, 100)), slice('b', range(100, 150)), slice('c', range(150, 180))]
    const unready = range(0, 180).map((each, index) => (index === 5 ? endpoint(5, false) : each))
    const changed = planSlices(slices, wanted(unready), LABELS)
    expect(names(changed.updated)).toEqual([['a', 100]])
    expect(changed.updated[0]?.endpoints?.[5]?.conditions.ready).toBe(false)
    // The fullest one that has room takes all.
    expect(names(planSlices(slices, wanted(range(0, 185)), LABELS).updated)).toEqual([['b', 55]])
    // What is written anyway is filled first.
    const moved = planSlices(slices, wanted([...range(0, 40), ...range(60, 180), ...range(200, 210)]), LABELS)
    expect(names(moved.updated)).toEqual([['a', 90]])
    const none = planSlices(slices, wanted(range(0, 180)), LABELS)
    expect(none).toEqual({ created: [], updated: [], deleted: [] })
    expect(names(planSlices(slices, wanted(range(0, 150)), LABELS).deleted)).toEqual([['c', 30]])
  })

  test('are apart for pods whose ports differ', () => {
    const other = [{ name: 'http', port: 9090, protocol: 'TCP' }]
    const plan = planSlices(
      [slice('a', [endpoint(1), endpoint(2)])],
      [...wanted([endpoint(1)]), ...wanted([endpoint(2)], other)],
      LABELS,
    )
    expect(names(plan.updated)).toEqual([['a', 1]])
    expect(plan.created).toEqual([{ endpoints: [endpoint(2)], ports: other }])
  })
})

describe('slices of a Service', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startTestCluster()
  })
  afterAll(() => cluster.stop())

  test('say where its pods are, and go with it', async () => {
    const { api } = cluster
    await api.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: NAMESPACE, labels: { team: 'a' } },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    } as unknown as Parameters<LocalApi['create']>[0])
    const slices = async () => {
      const found = await api.list<EndpointSlice>(EndpointSlices, { namespace: NAMESPACE })
      return found.items.filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'web')
    }
    await until('there is one without addresses', async () => (await slices()).length === 1)
    expect(await slices()).toMatchObject([{ endpoints: null, ports: null, metadata: { generateName: 'web-' } }])
    await createPod(cluster, 'web-a', { terminationGracePeriodSeconds: 1, containers: [shell('app', 'sleep 1000')] })
    const key = { namespace: NAMESPACE, name: 'web-a' }
    await api.patch(Pods, key, { type: 'merge', body: { metadata: { labels: { app: 'web' } } } })
    await until('its slice says so', async () => (await slices())[0]?.endpoints?.[0]?.conditions.ready)
    const pod = await api.get<Pod>(Pods, key)
    const [slice] = await slices()
    expect(slice?.ports).toEqual([{ name: '', port: 8080, protocol: 'TCP' }])
    expect(slice?.endpoints).toMatchObject([
      {
        addresses: [pod?.status?.podIP],
        nodeName: pod?.spec.nodeName,
        targetRef: { kind: 'Pod', namespace: NAMESPACE, name: 'web-a', uid: pod?.metadata.uid },
      },
    ])
    await api.delete(Services, { namespace: NAMESPACE, name: 'web' })
    await until('they are gone', async () => (await slices()).length === 0)
  })
})
