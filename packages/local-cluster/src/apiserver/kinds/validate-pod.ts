import type { FieldError } from '../../types/errors.ts'
import { objectList, optionalObject, stringList, stringMap, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import {
  duplicate,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  validateAddress,
} from '../validation/fields.ts'
import { validateAnnotations, validateLabels } from '../validation/metadata.ts'
import { dns1123Label, dns1123Subdomain, qualifiedName } from '../validation/names.ts'
import { validateContainers } from './validate-container.ts'
import { claimNames } from './validate-resources.ts'
import { validateAffinity, validateSpread, validateTolerations } from './validate-scheduling.ts'
import { gracePeriodOf, validatePodSecurityContext } from './validate-security-context.ts'
import { validateVolume } from './validate-volumes.ts'

const restartPolicies = ['Always', 'OnFailure', 'Never']
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const systems = ['linux', 'windows']

/** Reference: pkg/apis/core/validation.ValidatePodCreate and ValidatePodUpdate, what both hold a pod against. */
export function validatePod(pod: JsonObject): FieldError[] {
  return validatePodSpec(optionalObject(pod, 'spec') ?? {}, 'spec')
}

/** Containers for debugging come by their own subresource only. */
export function validatePodCreate(pod: JsonObject): FieldError[] {
  const spec = optionalObject(pod, 'spec') ?? {}
  const errors: FieldError[] = []
  if (objectList(spec, 'ephemeralContainers').length > 0) {
    errors.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'))
  }
  if (stringOf(spec, 'nodeName') !== '' && objectList(spec, 'schedulingGates').length > 0) {
    errors.push(forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'))
  }
  return errors
}

/**
 * Reference: pkg/apis/core/validation.ValidatePodSpec.
 * @param claims volumes that come from the claim templates of a StatefulSet.
 */
function validatePodSpec(spec: JsonObject, field: string, claims: string[] = []): FieldError[] {
  const errors: FieldError[] = []
  const volumes = new Set<string>(claims)
  for (const [index, volume] of objectList(spec, 'volumes').entries()) {
    errors.push(...validateVolume(volume, `${field}.volumes[${index}]`, volumes))
  }
  errors.push(...validateAllContainers(spec, field, volumes), ...validateHostNetwork(spec, field))
  if (!restartPolicies.includes(stringOf(spec, 'restartPolicy'))) {
    errors.push(notSupported(`${field}.restartPolicy`, spec.restartPolicy, restartPolicies))
  }
  if (!dnsPolicies.includes(stringOf(spec, 'dnsPolicy'))) {
    errors.push(notSupported(`${field}.dnsPolicy`, spec.dnsPolicy, dnsPolicies))
  }
  errors.push(...validateLabels(stringMap(spec, 'nodeSelector'), `${field}.nodeSelector`))
  errors.push(...validatePodSecurityContext(spec, field))
  errors.push(...validateAffinity(optionalObject(spec, 'affinity'), `${field}.affinity`))
  errors.push(...validateDnsConfig(spec, `${field}.dnsConfig`), ...validateGates(spec, field))
  errors.push(...validateSpread(spec, `${field}.topologySpreadConstraints`), ...validateNames(spec, field))
  const deadline = spec.activeDeadlineSeconds
  if (typeof deadline === 'number' && (deadline < 1 || deadline > 2147483647)) {
    errors.push(invalidValue(`${field}.activeDeadlineSeconds`, deadline, 'must be between 1 and 2147483647, inclusive'))
  }
  errors.push(...validateTolerations(spec, `${field}.tolerations`), ...validateHostAliases(spec, field))
  const system = optionalObject(spec, 'os')
  if (system !== null && !systems.includes(stringOf(system, 'name'))) {
    errors.push(notSupported(`${field}.os`, system.name, systems))
  }
  return errors
}

function validateAllContainers(spec: JsonObject, field: string, volumes: Set<string>): FieldError[] {
  const facts = {
    volumes,
    claims: claimNames(spec),
    graceSeconds: gracePeriodOf(spec),
    hostUsers: spec.hostUsers !== false,
  }
  const containers = objectList(spec, 'containers')
  const names = containers.map((container) => stringOf(container, 'name'))
  return [
    ...(containers.length === 0 ? [required(`${field}.containers`)] : []),
    ...validateContainers(containers, `${field}.containers`, facts, null),
    ...validateContainers(objectList(spec, 'initContainers'), `${field}.initContainers`, facts, names),
  ]
}

/** On the network of the node a container's port is the node's. */
function validateHostNetwork(spec: JsonObject, field: string): FieldError[] {
  if (spec.hostNetwork !== true) return []
  return objectList(spec, 'containers').flatMap((container, index) =>
    objectList(container, 'ports').flatMap((port, i) => {
      if (port.hostPort === undefined || port.hostPort === port.containerPort) return []
      const why = 'must match `containerPort` when `hostNetwork` is true'
      return [invalidValue(`${field}.containers[${index}].ports[${i}].hostPort`, port.hostPort, why)]
    }),
  )
}

function validateNames(spec: JsonObject, field: string): FieldError[] {
  return (
    [
      ['serviceAccountName', dns1123Subdomain],
      ['nodeName', dns1123Subdomain],
      ['hostname', dns1123Label],
      ['subdomain', dns1123Label],
    ] as const
  ).flatMap(([key, check]) => {
    const name = stringOf(spec, key)
    return name === '' ? [] : check(name).map((why) => invalidValue(`${field}.${key}`, name, why))
  })
}

function validateDnsConfig(spec: JsonObject, field: string): FieldError[] {
  const config = optionalObject(spec, 'dnsConfig')
  if (spec.dnsPolicy === 'None') {
    if (config === null) return [required(field, 'must provide `dnsConfig` when `dnsPolicy` is None')]
    if (stringList(config, 'nameservers').length === 0) {
      return [required(`${field}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')]
    }
  }
  return stringList(config, 'nameservers').flatMap((server, index) =>
    validateAddress(server, `${field}.nameservers[${index}]`),
  )
}

function validateGates(spec: JsonObject, field: string): FieldError[] {
  const errors = objectList(spec, 'readinessGates').flatMap((gate, index) => {
    const type = stringOf(gate, 'conditionType')
    return qualifiedName(type).map((why) => invalidValue(`${field}.readinessGates[${index}].conditionType`, type, why))
  })
  const names = new Set<string>()
  for (const [index, gate] of objectList(spec, 'schedulingGates').entries()) {
    const at = `${field}.schedulingGates[${index}]`
    const name = stringOf(gate, 'name')
    errors.push(...qualifiedName(name).map((why) => invalidValue(at, name, why)))
    if (names.has(name)) errors.push(duplicate(at, name))
    names.add(name)
  }
  return errors
}

function validateHostAliases(spec: JsonObject, field: string): FieldError[] {
  return objectList(spec, 'hostAliases').flatMap((alias, index) => {
    const at = `${field}.hostAliases[${index}]`
    const names = stringList(alias, 'hostnames').flatMap((name, i) =>
      dns1123Subdomain(name).map((why) => invalidValue(`${at}.hostnames[${i}]`, name, why)),
    )
    return [...validateAddress(stringOf(alias, 'ip'), `${at}.ip`), ...names]
  })
}

/** A template inside a workload: its labels must match the selector, its policies the kind. */
export function validateTemplate(
  template: JsonObject,
  field: string,
  allowed: { restartPolicies: string[]; claims?: string[] },
): FieldError[] {
  const metadata = optionalObject(template, 'metadata')
  const spec = optionalObject(template, 'spec') ?? {}
  const errors = [
    ...validateLabels(stringMap(metadata, 'labels'), `${field}.labels`),
    ...validateAnnotations(stringMap(metadata, 'annotations'), `${field}.annotations`),
    ...validatePodSpec(spec, `${field}.spec`, allowed.claims),
  ]
  if (objectList(spec, 'ephemeralContainers').length > 0) {
    errors.push(forbiddenField(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'))
  }
  const policy = stringOf(spec, 'restartPolicy')
  if (!allowed.restartPolicies.includes(policy)) {
    errors.push(notSupported(`${field}.spec.restartPolicy`, policy, allowed.restartPolicies))
  }
  return errors
}
