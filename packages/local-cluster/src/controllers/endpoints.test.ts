import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LocalApi } from '../api/client.ts'
import { EndpointSlices, Endpoints, Pods, Services } from '../api/resources.ts'
import { createPod, NAMESPACE, shell, startTestCluster, type TestCluster, until } from '../node/testing/cluster.ts'
import { withinCapacity } from './endpoints-capacity.ts'
import { planSlices } from './endpointslice-plan.ts'
import type { Endpoint, EndpointPort, EndpointSlice, EndpointsObject, Pod } from './objects.ts'
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

test('one Endpoints object has a thousand addresses, those that are ready first', () => {
  const addresses = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ ip: `10.0.${index >> 8}.${index & 255}` }))
  const [port] = PORTS
  const of = (ready: number, notReady: number) => [
    { addresses: addresses(ready), notReadyAddresses: addresses(notReady), ports: port === undefined ? [] : [port] },
  ]
  const sizes = (ready: number, notReady: number) => {
    const { subsets, truncated } = withinCapacity(of(ready, notReady))
    return [subsets[0]?.addresses?.length, subsets[0]?.notReadyAddresses?.length, truncated]
  }
  expect(sizes(900, 100)).toEqual([900, 100, false])
  expect(sizes(900, 300)).toEqual([900, 100, true])
  expect(sizes(1200, 300)).toEqual([1000, undefined, true])
  expect(withinCapacity([...of(1000, 0), ...of(5, 5)]).subsets).toHaveLength(1)
})

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

describe('endpoints of a Service', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startTestCluster()
  })
  afterAll(() => cluster.stop())

  test('Endpoints say the same as slices, to those that still read them; both go with the Service', async () => {
    const { api } = cluster
    await api.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: NAMESPACE, labels: { team: 'a' } },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    } as unknown as Parameters<LocalApi['create']>[0])
    const read = () => api.get<EndpointsObject>(Endpoints, { namespace: NAMESPACE, name: 'web' })
    const slices = async () => {
      const found = await api.list<EndpointSlice>(EndpointSlices, { namespace: NAMESPACE })
      return found.items.filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'web')
    }
    await until('there is one without addresses', async () => (await read()) !== null && (await slices()).length === 1)
    expect((await read())?.subsets).toBeUndefined()
    expect(await slices()).toMatchObject([{ endpoints: null, ports: null, metadata: { generateName: 'web-' } }])
    await createPod(cluster, 'web-a', { terminationGracePeriodSeconds: 1, containers: [shell('app', 'sleep 1000')] })
    await api.patch(
      Pods,
      { namespace: NAMESPACE, name: 'web-a' },
      {
        type: 'merge',
        body: { metadata: { labels: { app: 'web' } } },
      },
    )
    const ready = await until('its pod is ready', async () => {
      const object = await read()
      return object?.subsets?.[0]?.addresses === undefined ? null : object
    })
    const pod = await api.get<Pod>(Pods, { namespace: NAMESPACE, name: 'web-a' })
    expect(ready.metadata.labels).toEqual({ team: 'a', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' })
    expect(ready.subsets).toEqual([
      {
        addresses: [
          {
            ip: pod?.status?.podIP,
            nodeName: pod?.spec.nodeName,
            targetRef: { kind: 'Pod', namespace: NAMESPACE, name: 'web-a', uid: pod?.metadata.uid },
          },
        ],
        ports: [{ port: 8080, protocol: 'TCP' }],
      },
    ])
    await until('its slice says so', async () => (await slices())[0]?.endpoints?.[0]?.conditions.ready)
    await api.delete(Services, { namespace: NAMESPACE, name: 'web' })
    await until('the Endpoints are gone', async () => (await read()) === null)
  })
})
