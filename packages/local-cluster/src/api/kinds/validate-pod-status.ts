import { isIP } from 'node:net'
import type { FieldError } from '../errors.ts'
import type { JsonObject } from '../objects.ts'
import { forbiddenField, immutableMessage, invalidText, invalidValue, validateAddress } from '../validation/fields.ts'
import { dns1123Subdomain, qualifiedName } from '../validation/names.ts'
import { numberOf, objectList, optionalObject, setDefault, stringOf } from './json.ts'

const systemConditions = new Set(['PodScheduled', 'Ready', 'Initialized'])

/** Keys that Go cannot leave out of a container's status. */
const always: JsonObject = { name: '', state: {}, lastState: {}, ready: false, restartCount: 0, image: '', imageID: '' }
const statusLists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses']

/** Completes a pod's status that was written. Reference: pkg/apis/core/v1/conversion.go. */
export function completePodStatus(object: JsonObject, old: JsonObject): void {
  const status = optionalObject(object, 'status')
  for (const key of statusLists) {
    for (const container of objectList(status, key)) {
      for (const [name, value] of Object.entries(always)) setDefault(container, name, structuredClone(value))
    }
  }
  if (status === null) return
  const { qosClass } = optionalObject(old, 'status') ?? {}
  if (qosClass !== undefined) setDefault(status, 'qosClass', qosClass)
  const [ip, first] = [stringOf(status, 'podIP'), stringOf(objectList(status, 'podIPs')[0] ?? null, 'ip')]
  if (ip !== '' && ip !== first) status.podIPs = [{ ip }]
  else if (ip === '' && first !== '') status.podIP = first
}

/** Reference: pkg/apis/core/validation.ValidatePodStatusUpdate. */
export function validatePodStatus(part: string, object: JsonObject, old: JsonObject): FieldError[] {
  if (part !== 'status') return []
  const [status, before] = [optionalObject(object, 'status') ?? {}, optionalObject(old, 'status') ?? {}]
  const spec = optionalObject(old, 'spec') ?? {}
  const errors = objectList(status, 'conditions').flatMap(validateCondition)
  errors.push(...validateNomination(status, before, spec))
  errors.push(...generation('status.observedGeneration', status.observedGeneration))
  if (before.qosClass !== undefined && status.qosClass !== before.qosClass) {
    errors.push(invalidValue('status.qosClass', status.qosClass ?? '', immutableMessage))
  }
  errors.push(...validateRestarts(status, before, spec), ...validatePodIps(status), ...validateHostIps(status))
  return errors
}

function generation(field: string, value: unknown): FieldError[] {
  return typeof value === 'number' && value < 0 ? [invalidValue(field, value, 'must be a non-negative integer')] : []
}

function validateCondition(condition: JsonObject, index: number): FieldError[] {
  const [at, type] = [`status.conditions[${index}]`, stringOf(condition, 'type')]
  const errors = generation(`${at}.observedGeneration`, condition.observedGeneration)
  if (systemConditions.has(type)) return errors
  return [...errors, ...qualifiedName(type).map((why) => invalidValue(`${at}.Type`, type, why))]
}

function validateNomination(status: JsonObject, before: JsonObject, spec: JsonObject): FieldError[] {
  const name = stringOf(status, 'nominatedNodeName')
  if (name === '' || name === before.nominatedNodeName) return []
  const errors = dns1123Subdomain(name).map((why) => invalidValue('status.nominatedNodeName', name, why))
  if (stringOf(spec, 'nodeName') === '') return errors
  const why = 'may not be set on pods that are already bound to a node'
  return [...errors, forbiddenField('status.nominatedNodeName', why)]
}

/** A container that has ended and is not to be restarted stays as it is. */
function validateRestarts(status: JsonObject, before: JsonObject, spec: JsonObject): FieldError[] {
  return ['containerStatuses', 'initContainerStatuses'].flatMap((list) =>
    objectList(before, list).flatMap((was, index) => {
      const ended = optionalObject(optionalObject(was, 'state'), 'terminated')
      const now = objectList(status, list).find((each) => each.name === was.name)
      if (ended === null || now === undefined) return []
      if (optionalObject(optionalObject(now, 'state'), 'terminated') !== null) return []
      const container = objectList(spec, list.replace('Statuses', 's')).find((each) => each.name === was.name)
      if (mayRestart(list, container, spec, numberOf(ended, 'exitCode') ?? 0)) return []
      return [forbiddenField(`status.${list}[${index}].state`, 'may not be transitioned to non-terminated state')]
    }),
  )
}

function mayRestart(list: string, container: JsonObject | undefined, spec: JsonObject, exitCode: number): boolean {
  if (container === undefined) return list === 'initContainerStatuses'
  // Restart rules of containers say more than their policy: the kubelet is believed.
  if (objectList(container, 'restartPolicyRules').length > 0) return true
  const policy = container.restartPolicy ?? spec.restartPolicy
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

function validatePodIps(status: JsonObject): FieldError[] {
  const ips = objectList(status, 'podIPs').map((each) => stringOf(each, 'ip'))
  const errors = ips.flatMap((ip, index) => validateAddress(ip, `status.podIPs[${index}]`))
  const families = new Set(ips.map(isIP))
  if (ips.length > 1 && families.size < ips.length) {
    const shown = JSON.stringify(ips.map((IP) => ({ IP })))
    errors.push(invalidText('status.podIPs', shown, 'may specify no more than one IP for each IP family'))
  }
  return errors
}

function validateHostIps(status: JsonObject): FieldError[] {
  const ips = objectList(status, 'hostIPs').map((each) => stringOf(each, 'ip'))
  const [first] = ips
  if (first === undefined) return []
  const errors: FieldError[] = []
  if (stringOf(status, 'hostIP') !== first) {
    errors.push(invalidValue('status.hostIPs[0].ip', first, 'must be equal to `hostIP`'))
  }
  return [...errors, ...ips.flatMap((ip, index) => validateAddress(ip, `status.hostIPs[${index}]`))]
}
