import {
  childObject,
  objectList,
  optionalObject,
  setDefault,
  startStatus,
  stringList,
  stringOf,
} from '../../types/json.ts'
import type { JsonObject, KubernetesObject } from '../../types/objects.ts'
import { qosClass } from '../../types/pod-resources.ts'
import { ConfigMaps, Events, Namespaces, Nodes, Pods, Secrets, ServiceAccounts } from '../../types/resources.ts'
import type { KindRules } from '../core/strategy.ts'
import { dns1123Label } from '../validation/names.ts'
import { defaultPodSpec, defaultRequests } from './pod-defaults.ts'
import { completePodStatus } from './pod-status.ts'
import {
  validateConfigMap,
  validateImmutable,
  validateNamespace,
  validateNamespaceFinalizers,
  validateNamespacePart,
  validateNode,
  validateNodeUpdate,
  validateSecret,
  validateSecretUpdate,
} from './validate-core.ts'
import { validateEvent } from './validate-event.ts'
import { validatePod, validatePodCreate } from './validate-pod.ts'
import { validatePodUpdate } from './validate-pod-update.ts'
import { ownPodWarnings } from './warnings.ts'

/** Value of a dotted path, as a field selector compares it. */
function at(...path: string[]): (object: KubernetesObject) => string {
  return (object) => {
    let value: unknown = object
    for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
    return value === undefined || value === null ? '' : String(value)
  }
}

function gatedCondition(now: string): JsonObject {
  return {
    type: 'PodScheduled',
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: now,
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
  }
}

export const pods: KindRules = {
  type: Pods,
  shortNames: ['po'],
  categories: ['all'],
  hasStatus: true,
  generation: 'spec',
  returnsDeleted: true,
  zero: { spec: { containers: null }, status: {} },
  defaults(object) {
    const spec = childObject(object, 'spec')
    defaultPodSpec(spec)
    defaultRequests(spec)
    setDefault(spec, 'enableServiceLinks', true)
  },
  statusDefaults: completePodStatus,
  prepareForCreate(object, context) {
    const spec = childObject(object, 'spec')
    const grace = spec.terminationGracePeriodSeconds
    if (typeof grace === 'number' && grace < 0) spec.terminationGracePeriodSeconds = 1
    const status: JsonObject = { phase: 'Pending', qosClass: qosClass(spec) }
    if (objectList(spec, 'schedulingGates').length > 0) status.conditions = [gatedCondition(context.now())]
    startStatus(object, status)
  },
  validate: validatePod,
  validateCreate: validatePodCreate,
  warnings: ownPodWarnings,
  validateUpdate: validatePodUpdate,
  fieldLabels: {
    'spec.nodeName': at('spec', 'nodeName'),
    'spec.restartPolicy': at('spec', 'restartPolicy'),
    'spec.schedulerName': at('spec', 'schedulerName'),
    'spec.serviceAccountName': at('spec', 'serviceAccountName'),
    'spec.hostNetwork': (object) => at('spec', 'hostNetwork')(object) || 'false',
    'status.phase': at('status', 'phase'),
    'status.podIP': at('status', 'podIP'),
    // A label that is known and never set.
    'status.podIPs': () => '',
    'status.nominatedNodeName': at('status', 'nominatedNodeName'),
  },
}

export const namespaces: KindRules = {
  type: Namespaces,
  shortNames: ['ns'],
  hasStatus: true,
  zero: { spec: {}, status: {} },
  validateName: dns1123Label,
  defaults(object) {
    const metadata = childObject(object, 'metadata')
    const name = stringOf(metadata, 'name')
    if (name !== '') childObject(metadata, 'labels')['kubernetes.io/metadata.name'] = name
  },
  prepareForCreate(object) {
    const given = stringList(optionalObject(object, 'spec'), 'finalizers')
    object.spec = { finalizers: given.includes('kubernetes') ? given : [...given, 'kubernetes'] }
    startStatus(object, { phase: 'Active' })
    const metadata = childObject(object, 'metadata')
    childObject(metadata, 'labels')['kubernetes.io/metadata.name'] = stringOf(metadata, 'name')
  },
  prepareForUpdate(object, old) {
    object.spec = structuredClone(old.spec)
    if (object.spec === undefined) delete object.spec
  },
  validate: validateNamespace,
  validateCreate: (object) => validateNamespaceFinalizers(object),
  validatePart: validateNamespacePart,
  fieldLabels: { 'status.phase': at('status', 'phase') },
}

export const secrets: KindRules = {
  type: Secrets,
  defaults(object) {
    if (stringOf(object, 'type') === '') object.type = 'Opaque'
    const plain = optionalObject(object, 'stringData')
    if (plain === null) return
    const data = childObject(object, 'data')
    for (const [key, value] of Object.entries(plain)) {
      data[key] = Buffer.from(typeof value === 'string' ? value : '').toString('base64')
    }
    delete object.stringData
  },
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  fieldLabels: { type: at('type') },
}

export const configMaps: KindRules = {
  type: ConfigMaps,
  shortNames: ['cm'],
  validate: validateConfigMap,
  validateUpdate: (object, old) => validateImmutable(object, old, ['data', 'binaryData']),
}

export const serviceAccounts: KindRules = { type: ServiceAccounts, shortNames: ['sa'], returnsDeleted: true }

export const nodes: KindRules = {
  type: Nodes,
  shortNames: ['no'],
  hasStatus: true,
  zero: { spec: {}, status: {} },
  fieldLabels: { 'spec.unschedulable': (object) => at('spec', 'unschedulable')(object) || 'false' },
  prepareForCreate: (object) => setDefault(object, 'status', {}),
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
}

export const events: KindRules = {
  type: Events,
  shortNames: ['ev'],
  createsOnUpdate: true,
  zero: {
    involvedObject: {},
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  },
  defaults(object) {
    setDefault(object, 'source', {})
    setDefault(object, 'firstTimestamp', null)
    setDefault(object, 'lastTimestamp', null)
    setDefault(object, 'eventTime', null)
    setDefault(object, 'reportingComponent', '')
    setDefault(object, 'reportingInstance', '')
  },
  validate: validateEvent,
  fieldLabels: {
    'involvedObject.kind': at('involvedObject', 'kind'),
    'involvedObject.namespace': at('involvedObject', 'namespace'),
    'involvedObject.name': at('involvedObject', 'name'),
    'involvedObject.uid': at('involvedObject', 'uid'),
    'involvedObject.apiVersion': at('involvedObject', 'apiVersion'),
    'involvedObject.resourceVersion': at('involvedObject', 'resourceVersion'),
    'involvedObject.fieldPath': at('involvedObject', 'fieldPath'),
    reason: at('reason'),
    reportingComponent: at('reportingComponent'),
    source: (object) => at('source', 'component')(object) || at('reportingComponent')(object),
    type: at('type'),
  },
}
