import { afterAll, beforeAll, expect, test } from 'vitest'
import { pick, startTestApi, type TestApi } from '../../testing/api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.stop())

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }
const rows = async (path: string) => {
  const { body } = await api.request('GET', path, undefined, table)
  return (pick(body, 'rows') as { cells: unknown[] }[]).map(({ cells }) => cells)
}

test('roles and bindings are stored, with their defaults, and a binding keeps its role', async () => {
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'team:reader' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  }
  expect((await api.request('POST', `${rbac}/namespaces/default/roles`, role)).status).toBe(201)
  const binding = {
    apiVersion: role.apiVersion,
    kind: 'RoleBinding',
    metadata: { name: 'readers' },
    roleRef: { kind: 'Role', name: 'team:reader' },
    subjects: [{ kind: 'User', name: 'ann' }],
  }
  const made = await api.request('POST', `${rbac}/namespaces/default/rolebindings`, binding)
  expect(made.body).toMatchObject({
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'team:reader' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' }],
  })
  const patch = { roleRef: { name: 'other' } }
  const headers = { 'content-type': 'application/merge-patch+json' }
  const refused = await api.request('PATCH', `${rbac}/namespaces/default/rolebindings/readers`, patch, headers)
  expect(refused.status).toBe(422)
  expect(pick(refused.body, 'message')).toMatch(/cannot change roleRef/)
  expect(await rows(`${rbac}/namespaces/default/rolebindings`)).toEqual([['readers', expect.any(String)]])
})

test('what a role leaves out is said in the words of Kubernetes', async () => {
  const bad = { kind: 'ClusterRole', metadata: { name: 'bad' }, rules: [{ resources: ['pods'] }] }
  const { status, body } = await api.request('POST', `${rbac}/clusterroles`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    ...bad,
  })
  expect(status).toBe(422)
  expect(pick(body, 'message')).toBe(
    'ClusterRole.rbac.authorization.k8s.io "bad" is invalid: [rules[0].verbs: Required value: verbs must contain at least one value, rules[0].apiGroups: Required value: resource rules must supply at least one api group]',
  )
})

test('a claim shows itself as kubectl prints it', async () => {
  await api.request('POST', '/apis/storage.k8s.io/v1/storageclasses', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'example.com/disk',
  })
  await api.request('POST', '/api/v1/namespaces/default/persistentvolumeclaims', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  })
  expect(await rows('/api/v1/namespaces/default/persistentvolumeclaims')).toEqual([
    ['data', 'Pending', '', '', '', 'fast', '<unset>', expect.any(String), 'Filesystem'],
  ])
})
