import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, pick, startTestApi, type TestApi } from '../../testing/api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.stop())

async function namespace(name: string, labels: Record<string, string> = {}): Promise<string> {
  const made = await api.request('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels },
  })
  expect(made.status).toBe(201)
  return `/api/v1/namespaces/${name}`
}

function pod(name: string, container: object = {}, spec: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'a:1', ...container }], ...spec },
  }
}

function resources(cpu: string, memory: string) {
  return { resources: { requests: { cpu, memory }, limits: { cpu, memory } } }
}

describe('ResourceQuota', () => {
  test('counts what is there, refuses what does not fit, with the numbers, and makes room again', async () => {
    const home = await namespace('quota')
    const hard = { pods: '2', 'requests.cpu': '500m', 'count/configmaps': '3' }
    await api.request('POST', `${home}/resourcequotas`, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'q' },
      spec: { hard },
    })
    const used = async () => pick((await api.request('GET', `${home}/resourcequotas/q`)).body, 'status.used')
    await eventually(async () => pick(await used(), 'pods') === '0')
    expect((await api.request('POST', `${home}/pods`, pod('a', resources('200m', '64Mi')))).status).toBe(201)
    expect((await api.request('POST', `${home}/pods`, pod('b', resources('200m', '64Mi')))).status).toBe(201)
    // Admission counts within the write; status follows it. The namespace's own kube-root-ca.crt counts as on a real cluster.
    await eventually(async () => pick(await used(), 'pods') === '2')
    expect(await used()).toEqual({ pods: '2', 'requests.cpu': '400m', 'count/configmaps': '1' })
    const third = await api.request('POST', `${home}/pods`, pod('c', resources('200m', '64Mi')))
    expect(third.status).toBe(403)
    expect(pick(third.body, 'message')).toBe(
      'pods "c" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=200m, used: pods=2,requests.cpu=400m, limited: pods=2,requests.cpu=500m',
    )
    await api.request('DELETE', `${home}/pods/a`)
    expect((await api.request('POST', `${home}/pods`, pod('c', resources('200m', '64Mi')))).status).toBe(201)
  })

  test('holds under requests that come at once', async () => {
    const home = await namespace('quota-race')
    const spec = { hard: { pods: '5' } }
    await api.request('POST', `${home}/resourcequotas`, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'q' },
      spec,
    })
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => api.request('POST', `${home}/pods`, pod(`p${i}`))),
    )
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(5)
    expect(answers.filter((answer) => answer.status === 403)).toHaveLength(15)
  })

  test('refuses a dry run that would not fit', async () => {
    const home = await namespace('quota-dry')
    const spec = { hard: { 'limits.memory': '64Mi' } }
    await api.request('POST', `${home}/resourcequotas`, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'q' },
      spec,
    })
    const dry = await api.request('POST', `${home}/pods?dryRun=All`, pod('a', resources('1', '128Mi')))
    expect(dry.status).toBe(403)
    expect((await api.request('GET', `${home}/pods/a`)).status).toBe(404)
  })
})

describe('LimitRange', () => {
  test('gives defaults and refuses what is out of bounds', async () => {
    const home = await namespace('limits')
    const item = {
      type: 'Container',
      default: { cpu: '500m', memory: '256Mi' },
      defaultRequest: { cpu: '100m' },
      max: { memory: '1Gi' },
    }
    const made = await api.request('POST', `${home}/limitranges`, {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'l' },
      spec: { limits: [item] },
    })
    expect(made.status).toBe(201)
    const a = await api.request('POST', `${home}/pods`, pod('a'))
    expect(pick(a.body, 'spec.containers.0.resources')).toEqual({
      limits: { cpu: '500m', memory: '256Mi' },
      requests: { cpu: '100m', memory: '256Mi' },
    })
    const big = await api.request('POST', `${home}/pods`, pod('big', { resources: { limits: { memory: '2Gi' } } }))
    expect(big.status).toBe(403)
    expect(pick(big.body, 'message')).toBe(
      'pods "big" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi',
    )
  })
})

describe('Pod Security', () => {
  const good = {
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  }
  const podLevel = { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } }

  test('restricted takes a pod that meets it, baseline one that does not', async () => {
    const restricted = await namespace('restricted', { 'pod-security.kubernetes.io/enforce': 'restricted' })
    expect((await api.request('POST', `${restricted}/pods`, pod('good', good, podLevel))).status).toBe(201)
    const root = await api.request(
      'POST',
      `${restricted}/pods`,
      pod('root', { securityContext: { ...good.securityContext, runAsUser: 0 } }, podLevel),
    )
    expect(pick(root.body, 'message')).toBe(
      'pods "root" is forbidden: violates PodSecurity "restricted:latest": runAsUser=0 (container "c" must not set runAsUser=0)',
    )
    const baseline = await namespace('baseline', { 'pod-security.kubernetes.io/enforce': 'baseline' })
    expect((await api.request('POST', `${baseline}/pods`, pod('plain'))).status).toBe(201)
    const host = await api.request(
      'POST',
      `${baseline}/pods`,
      pod('host', {}, { hostNetwork: true, volumes: [{ name: 'v', hostPath: { path: '/' } }] }),
    )
    expect(pick(host.body, 'message')).toBe(
      'pods "host" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true), hostPath volumes (volume "v")',
    )
  })

  test('warns of a workload whose pods would be refused', async () => {
    await namespace('warned', { 'pod-security.kubernetes.io/warn': 'restricted' })
    const labels = { app: 'w' }
    const made = await api.request('POST', '/apis/apps/v1/namespaces/warned/deployments', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'w' },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'a:1' }] } },
      },
    })
    expect(made.status).toBe(201)
    expect(made.headers.get('warning')).toContain('would violate PodSecurity')
  })
})

describe('every pod', () => {
  test('gets a service account, tolerations and a priority', async () => {
    const home = await namespace('plain')
    const made = await api.request('POST', `${home}/pods`, pod('a'))
    expect(made.body).toMatchObject({
      spec: {
        serviceAccountName: 'default',
        priority: 0,
        preemptionPolicy: 'PreemptLowerPriority',
        enableServiceLinks: true,
      },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    })
    expect(pick(made.body, 'spec.containers.0.volumeMounts.0.mountPath')).toBe(
      '/var/run/secrets/kubernetes.io/serviceaccount',
    )
    const without = await api.request('POST', `${home}/pods`, pod('b', {}, { automountServiceAccountToken: false }))
    expect(pick(without.body, 'spec.volumes')).toBeUndefined()
    const stranger = await api.request('POST', `${home}/pods`, pod('c', {}, { serviceAccountName: 'nobody' }))
    expect(pick(stranger.body, 'message')).toBe(
      'pods "c" is forbidden: error looking up service account plain/nobody: serviceaccount "nobody" not found',
    )
  })
})
