import { isDeepStrictEqual } from 'node:util'
import { childObject, objectList, optionalObject, setDefault, startStatus, stringMap } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { ControllerRevisions, DaemonSets, Deployments, ReplicaSets, StatefulSets } from '../../types/resources.ts'
import type { KindRules } from '../core/strategy.ts'
import { immutableMessage, invalidValue, notNegative } from '../validation/fields.ts'
import { dns1123Label } from '../validation/names.ts'
import { defaultPodTemplate } from './pod-defaults.ts'
import { validateStatefulSet, validateStatefulSetUpdate } from './validate-statefulset.ts'
import {
  validateDaemonSet,
  validateDeployment,
  validateReplicaSet,
  validateSelectorUpdate,
} from './validate-workloads.ts'
import { setWarnings, workloadWarnings } from './warnings.ts'

const emptyTemplate: JsonObject = { metadata: {}, spec: { containers: null } }
const defaultRevisionHistory = 10
const defaultProgressDeadlineSeconds = 600

function spec(object: JsonObject): JsonObject {
  const found = childObject(object, 'spec')
  defaultPodTemplate(childObject(found, 'template'))
  return found
}

export const deployments: KindRules = {
  type: Deployments,
  shortNames: ['deploy'],
  categories: ['all'],
  hasStatus: true,
  hasScale: true,
  generation: 'specAndAnnotations',
  zero: { spec: { selector: null, template: emptyTemplate, strategy: {} }, status: {} },
  defaults(object) {
    const own = spec(object)
    setDefault(own, 'replicas', 1)
    const strategy = childObject(own, 'strategy')
    setDefault(strategy, 'type', 'RollingUpdate')
    if (strategy.type === 'RollingUpdate') {
      const rolling = childObject(strategy, 'rollingUpdate')
      setDefault(rolling, 'maxUnavailable', '25%')
      setDefault(rolling, 'maxSurge', '25%')
    }
    setDefault(own, 'revisionHistoryLimit', defaultRevisionHistory)
    setDefault(own, 'progressDeadlineSeconds', defaultProgressDeadlineSeconds)
  },
  prepareForCreate: (object) => startStatus(object),
  validate: validateDeployment,
  warnings: workloadWarnings,
  validateUpdate: validateSelectorUpdate,
}

export const replicaSets: KindRules = {
  type: ReplicaSets,
  shortNames: ['rs'],
  categories: ['all'],
  hasStatus: true,
  hasScale: true,
  generation: 'spec',
  zero: { spec: { selector: null, template: emptyTemplate }, status: { replicas: 0 } },
  defaults(object) {
    const own = spec(object)
    setDefault(own, 'replicas', 1)
  },
  prepareForCreate: (object) => startStatus(object, { replicas: 0 }),
  validate: validateReplicaSet,
  warnings: workloadWarnings,
  validateUpdate: validateSelectorUpdate,
}

export const statefulSets: KindRules = {
  type: StatefulSets,
  shortNames: ['sts'],
  categories: ['all'],
  hasStatus: true,
  hasScale: true,
  generation: 'spec',
  zero: {
    spec: { selector: null, template: emptyTemplate, serviceName: '', updateStrategy: {} },
    status: { replicas: 0, availableReplicas: 0 },
  },
  defaults(object) {
    const own = spec(object)
    setDefault(own, 'replicas', 1)
    setDefault(own, 'serviceName', '')
    setDefault(own, 'podManagementPolicy', 'OrderedReady')
    const strategy = childObject(own, 'updateStrategy')
    setDefault(strategy, 'type', 'RollingUpdate')
    if (strategy.type === 'RollingUpdate') {
      const rolling = childObject(strategy, 'rollingUpdate')
      setDefault(rolling, 'partition', 0)
    }
    setDefault(own, 'revisionHistoryLimit', defaultRevisionHistory)
    const retention = childObject(own, 'persistentVolumeClaimRetentionPolicy')
    setDefault(retention, 'whenDeleted', 'Retain')
    setDefault(retention, 'whenScaled', 'Retain')
    for (const claim of objectList(own, 'volumeClaimTemplates')) {
      setDefault(claim, 'apiVersion', 'v1')
      setDefault(claim, 'kind', 'PersistentVolumeClaim')
      setDefault(childObject(claim, 'spec'), 'volumeMode', 'Filesystem')
      setDefault(childObject(claim, 'status'), 'phase', 'Pending')
    }
  },
  prepareForCreate(object) {
    startStatus(object, { replicas: 0, availableReplicas: 0 })
    dropGated(object)
  },
  prepareForUpdate: dropGated,
  validateName: dns1123Label,
  validate: validateStatefulSet,
  warnings: setWarnings,
  validateUpdate: validateStatefulSetUpdate,
}

/** Behind a feature gate that is off in 1.36: the real server drops it. */
function dropGated(object: JsonObject): void {
  const strategy = optionalObject(optionalObject(object, 'spec'), 'updateStrategy')
  const rolling = optionalObject(strategy, 'rollingUpdate')
  if (rolling !== null) delete rolling.maxUnavailable
}

const startDaemonSetStatus = {
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
}

export const daemonSets: KindRules = {
  type: DaemonSets,
  shortNames: ['ds'],
  categories: ['all'],
  hasStatus: true,
  generation: 'spec',
  zero: { spec: { selector: null, template: emptyTemplate, updateStrategy: {} }, status: startDaemonSetStatus },
  defaults(object) {
    const own = spec(object)
    const strategy = childObject(own, 'updateStrategy')
    setDefault(strategy, 'type', 'RollingUpdate')
    if (strategy.type === 'RollingUpdate') {
      const rolling = childObject(strategy, 'rollingUpdate')
      setDefault(rolling, 'maxUnavailable', 1)
      setDefault(rolling, 'maxSurge', 0)
    }
    setDefault(own, 'revisionHistoryLimit', defaultRevisionHistory)
    setDefault(childObject(childObject(object, 'metadata'), 'annotations'), templateGeneration, '0')
  },
  prepareForCreate(object) {
    startStatus(object, { ...startDaemonSetStatus })
    countTemplate(object, 1)
  },
  prepareForUpdate(object, old) {
    const annotation = stringMap(optionalObject(old, 'metadata'), 'annotations')[templateGeneration]
    const generation = Number(annotation) || 1
    const [now, before] = [optionalObject(object, 'spec')?.template, optionalObject(old, 'spec')?.template]
    countTemplate(object, isDeepStrictEqual(now, before) ? generation : generation + 1)
  },
  validate: validateDaemonSet,
  warnings: setWarnings,
  validateUpdate: validateSelectorUpdate,
}

/** How a field that apps/v1 does not have any more shows itself on the wire. */
const templateGeneration = 'deprecated.daemonset.template.generation'

function countTemplate(object: JsonObject, generation: number): void {
  childObject(childObject(object, 'metadata'), 'annotations')[templateGeneration] = String(generation)
}

export const controllerRevisions: KindRules = {
  type: ControllerRevisions,
  validate: (object) => notNegative('revision', object.revision),
  validateUpdate: (object, old) =>
    isDeepStrictEqual(object.data, old.data) ? [] : [invalidValue('data', object.data, immutableMessage)],
}
