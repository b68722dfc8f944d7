/** One object of every namespaced kind that a person writes: documents to apply. */
export function everyKind(): string {
  const containers = [
    { name: 'app', image: 'busybox:1.35', command: ['sh', '-c', 'trap "exit 0" TERM; sleep 600 & wait'] },
  ]
  const workload = (app: string) => ({
    selector: { matchLabels: { app } },
    template: { metadata: { labels: { app } }, spec: { containers, terminationGracePeriodSeconds: 2 } },
  })
  const task = { containers: [{ name: 'app', image: 'busybox:1.35', command: ['true'] }], restartPolicy: 'Never' }
  const job = { template: { spec: task } }
  const backend = { service: { name: 'web', port: { number: 80 } } }
  const limits = [{ type: 'Container', default: { cpu: '100m' }, defaultRequest: { cpu: '10m' } }]
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' }
  const subjects = [
    { kind: 'ServiceAccount', name: 'robot', namespace: 'default' },
    { kind: 'User', name: 'ann', apiGroup: 'rbac.authorization.k8s.io' },
  ]
  return list([
    ['v1', 'ConfigMap', 'settings', { data: { a: 'b' } }],
    ['v1', 'Secret', 'kept', { data: { a: 'Yg==' } }],
    ['v1', 'ServiceAccount', 'robot', {}],
    ['v1', 'LimitRange', 'limits', { spec: { limits } }],
    ['v1', 'ResourceQuota', 'few', { spec: { hard: { pods: '30' } } }],
    ['v1', 'Service', 'web', { spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] } }],
    [
      'v1',
      'PersistentVolumeClaim',
      'disk',
      { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
    ],
    ['apps/v1', 'Deployment', 'web', { spec: { replicas: 2, ...workload('web') } }],
    ['apps/v1', 'StatefulSet', 'store', { spec: { serviceName: 'web', ...workload('store') } }],
    ['apps/v1', 'DaemonSet', 'agent', { spec: workload('agent') }],
    ['batch/v1', 'Job', 'once', { spec: job }],
    ['batch/v1', 'CronJob', 'yearly', { spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: job } } }],
    ['networking.k8s.io/v1', 'Ingress', 'front', { spec: { defaultBackend: backend } }],
    ['networking.k8s.io/v1', 'NetworkPolicy', 'walls', { spec: { podSelector: {}, policyTypes: ['Ingress'] } }],
    [
      'policy/v1',
      'PodDisruptionBudget',
      'some',
      { spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } } },
    ],
    [
      'rbac.authorization.k8s.io/v1',
      'Role',
      'reader',
      { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
    ],
    ['rbac.authorization.k8s.io/v1', 'RoleBinding', 'reads', { roleRef: role, subjects }],
    [
      'gateway.networking.k8s.io/v1',
      'Gateway',
      'door',
      { spec: { gatewayClassName: 'slipway', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] } },
    ],
    [
      'gateway.networking.k8s.io/v1',
      'HTTPRoute',
      'way',
      { spec: { parentRefs: [{ name: 'door' }], rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] } },
    ],
  ])
}

function list(objects: [apiVersion: string, kind: string, name: string, rest: object][]): string {
  const documents = objects.map(([apiVersion, kind, name, rest]) => ({ apiVersion, kind, metadata: { name }, ...rest }))
  return documents.map((each) => JSON.stringify(each)).join('\n')
}
