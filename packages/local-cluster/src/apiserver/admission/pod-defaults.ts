import type { ObjectStore } from '../../store/store.ts'
import { forbidden } from '../../types/errors.ts'
import { childObject, objectList, setDefault, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { Pods, ServiceAccounts } from '../../types/resources.ts'
import { generateName } from '../core/names.ts'
import type { AdmissionPlugin } from './admission.ts'

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const tokenSeconds = 3607
const tolerationSeconds = 300

/** Priority, DefaultTolerationSeconds and ServiceAccount: what every pod gets on its way in. */
export function podDefaults(store: ObjectStore): AdmissionPlugin {
  return {
    name: 'PodDefaults',
    mutate({ operation, type, object, namespace = '', name, subresource }) {
      if (type.kind !== 'Pod' || subresource !== undefined) return
      const spec = childObject(object, 'spec')
      if (operation === 'UPDATE') return giveTolerations(spec)
      giveServiceAccount(store, spec, namespace, name)
      givePriority(spec, name)
      refuseRuntimeClass(spec, name)
      giveTolerations(spec)
    },
  }
}

function giveServiceAccount(store: ObjectStore, spec: JsonObject, namespace: string, name: string): void {
  setDefault(spec, 'serviceAccountName', 'default')
  const account = stringOf(spec, 'serviceAccountName')
  spec.serviceAccount = account
  const found = store.get(ServiceAccounts, namespace, account)
  if (found === undefined) {
    throw forbidden(
      Pods,
      name,
      `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`,
    )
  }
  const pulls = objectList(found as unknown as JsonObject, 'imagePullSecrets')
  if (spec.imagePullSecrets === undefined && pulls.length > 0) spec.imagePullSecrets = structuredClone(pulls)
  const mounts = spec.automountServiceAccountToken ?? (found as unknown as JsonObject).automountServiceAccountToken
  if (mounts !== false) mountToken(spec)
}

function mountToken(spec: JsonObject): void {
  const containers = [...objectList(spec, 'initContainers'), ...objectList(spec, 'containers')]
  const bare = containers.filter((container) =>
    objectList(container, 'volumeMounts').every((mount) => mount.mountPath !== tokenPath),
  )
  if (bare.length === 0) return
  const volume = generateName('kube-api-access-')
  const fieldRef = { apiVersion: 'v1', fieldPath: 'metadata.namespace' }
  const sources = [
    { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    { downwardAPI: { items: [{ path: 'namespace', fieldRef }] } },
  ]
  spec.volumes = [...objectList(spec, 'volumes'), { name: volume, projected: { sources, defaultMode: 0o644 } }]
  for (const container of bare) {
    const mount = { name: volume, readOnly: true, mountPath: tokenPath }
    container.volumeMounts = [...objectList(container, 'volumeMounts'), mount]
  }
}

/** There are no RuntimeClasses here: none is found, and none brings an overhead. */
function refuseRuntimeClass(spec: JsonObject, name: string): void {
  const runtime = stringOf(spec, 'runtimeClassName')
  if (runtime !== '') throw forbidden(Pods, name, `pod rejected: RuntimeClass "${runtime}" not found`)
  if (spec.overhead === undefined) return
  throw forbidden(Pods, name, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
}

/** There are no PriorityClasses here. */
function givePriority(spec: JsonObject, name: string): void {
  const className = stringOf(spec, 'priorityClassName')
  if (className !== '') throw forbidden(Pods, name, `no PriorityClass with name ${className} was found`)
  spec.priority = 0
  spec.preemptionPolicy = 'PreemptLowerPriority'
}

function giveTolerations(spec: JsonObject): void {
  const tolerations = objectList(spec, 'tolerations')
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const known = tolerations.some(
      (toleration) =>
        (toleration.key === key || stringOf(toleration, 'key') === '') &&
        (toleration.effect === 'NoExecute' || stringOf(toleration, 'effect') === ''),
    )
    if (!known) tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds })
  }
  spec.tolerations = tolerations
}
