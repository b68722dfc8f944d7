import type { FieldError } from '../../types/errors.ts'
import { numberOf, objectList, optionalObject, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { duplicate, forbiddenField, invalidValue, notFoundValue, notSupported, required } from '../validation/fields.ts'
import { dns1123Label, portName, portNumber } from '../validation/names.ts'
import { validateLifecycle, validateProbe } from './validate-handlers.ts'
import { validateResources } from './validate-resources.ts'
import { validateSecurityContext } from './validate-security-context.ts'
import { validateEnvironment } from './validate-variables.ts'
import { validateInnerPath } from './validate-volumes.ts'

const protocols = ['SCTP', 'TCP', 'UDP']
const pullPolicies = ['Always', 'IfNotPresent', 'Never']
const messagePolicies = ['File', 'FallbackToLogsOnError']
const containerRestarts = ['Always', 'Never', 'OnFailure']
const propagations = ['Bidirectional', 'HostToContainer', 'None']
const probes = ['livenessProbe', 'readinessProbe', 'startupProbe']

/** What of a pod its containers are held against. */
export interface PodFacts {
  volumes: Set<string>
  claims: Set<string>
  graceSeconds: number
  hostUsers: boolean
}

/**
 * Reference: pkg/apis/core/validation.validateContainers and validateInitContainers.
 * @param taken names of other containers of the pod; empty for the first list.
 */
export function validateContainers(
  list: JsonObject[],
  field: string,
  facts: PodFacts,
  taken: readonly string[] | null,
): FieldError[] {
  const init = taken !== null
  const names = new Set<string>(taken ?? [])
  const ports = new Set<string>()
  return list.flatMap((container, index) => {
    const at = `${field}[${index}]`
    const errors = validateContainer(container, at, facts)
    const name = stringOf(container, 'name')
    if (init) errors.push(...validateInitRestart(container, at))
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
    if (name !== '' || !init) names.add(name)
    if (init) ports.clear()
    errors.push(...validateHooks(container, at, facts, init), ...validateHostPorts(container, at, ports))
    return errors
  })
}

function validateContainer(container: JsonObject, at: string, facts: PodFacts): FieldError[] {
  const errors: FieldError[] = []
  const name = stringOf(container, 'name')
  if (name === '') errors.push(required(`${at}.name`))
  else errors.push(...dns1123Label(name).map((why) => invalidValue(`${at}.name`, name, why)))
  const image = stringOf(container, 'image')
  if (image === '') errors.push(required(`${at}.image`))
  else if (image !== image.trim())
    errors.push(invalidValue(`${at}.image`, image, 'must not have leading or trailing whitespace'))
  if (!messagePolicies.includes(stringOf(container, 'terminationMessagePolicy'))) {
    errors.push(notSupported(`${at}.terminationMessagePolicy`, container.terminationMessagePolicy, messagePolicies))
  }
  errors.push(...validatePorts(container, `${at}.ports`), ...validateEnvironment(container, at))
  errors.push(...validateMounts(container, `${at}.volumeMounts`, facts.volumes))
  if (!pullPolicies.includes(stringOf(container, 'imagePullPolicy'))) {
    errors.push(notSupported(`${at}.imagePullPolicy`, container.imagePullPolicy, pullPolicies))
  }
  errors.push(...validateResources(optionalObject(container, 'resources'), `${at}.resources`, facts.claims))
  const context = optionalObject(container, 'securityContext')
  return [...errors, ...validateSecurityContext(context, `${at}.securityContext`, facts.hostUsers)]
}

function validateInitRestart(container: JsonObject, at: string): FieldError[] {
  const policy = container.restartPolicy
  if (policy === undefined || containerRestarts.includes(String(policy))) return []
  return [notSupported(`${at}.restartPolicy`, policy, containerRestarts)]
}

/** Probes and hooks: of containers and sidecars, not of init containers, which only run to their end. */
function validateHooks(container: JsonObject, at: string, facts: PodFacts, init: boolean): FieldError[] {
  if (init && container.restartPolicy !== 'Always') {
    const why = 'may not be set for init containers without restartPolicy=Always'
    const set = ['lifecycle', ...probes].filter((key) => container[key] !== undefined)
    return set.map((key) => forbiddenField(`${at}.${key}`, why))
  }
  const lifecycle = optionalObject(container, 'lifecycle')
  const errors = lifecycle === null ? [] : validateLifecycle(lifecycle, `${at}.lifecycle`, facts.graceSeconds)
  for (const kind of probes) {
    const probe = optionalObject(container, kind)
    if (probe !== null) errors.push(...validateProbe(probe, `${at}.${kind}`, kind, facts.graceSeconds))
  }
  if (!init) errors.push(...validateInitRestart(container, at))
  return errors
}

function validateHostPorts(container: JsonObject, at: string, taken: Set<string>): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, port] of objectList(container, 'ports').entries()) {
    const hostPort = numberOf(port, 'hostPort') ?? 0
    if (hostPort === 0) continue
    const key = `${stringOf(port, 'protocol')}/${stringOf(port, 'hostIP')}/${hostPort}`
    if (taken.has(key)) errors.push(duplicate(`${at}.ports[${index}].hostPort`, key))
    taken.add(key)
  }
  return errors
}

function validatePorts(container: JsonObject, field: string): FieldError[] {
  const names = new Set<string>()
  return objectList(container, 'ports').flatMap((port, index) => {
    const at = `${field}[${index}]`
    const errors: FieldError[] = []
    const name = stringOf(port, 'name')
    if (name !== '') {
      errors.push(...portName(name).map((why) => invalidValue(`${at}.name`, name, why)))
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
      names.add(name)
    }
    const number = numberOf(port, 'containerPort') ?? 0
    if (number === 0) errors.push(required(`${at}.containerPort`))
    else errors.push(...portNumber(number).map((why) => invalidValue(`${at}.containerPort`, number, why)))
    const hostPort = numberOf(port, 'hostPort') ?? 0
    if (hostPort !== 0) errors.push(...portNumber(hostPort).map((why) => invalidValue(`${at}.hostPort`, hostPort, why)))
    if (!protocols.includes(stringOf(port, 'protocol')))
      errors.push(notSupported(`${at}.protocol`, port.protocol, protocols))
    return errors
  })
}

/** Some fields go without the mount's index, as the real server says them. */
function validateMounts(container: JsonObject, field: string, volumes: Set<string>): FieldError[] {
  const paths = new Set<string>()
  return objectList(container, 'volumeMounts').flatMap((mount, index) => {
    const at = `${field}[${index}]`
    const errors: FieldError[] = []
    const [name, path] = [stringOf(mount, 'name'), stringOf(mount, 'mountPath')]
    if (name === '') errors.push(required(`${at}.name`))
    if (!volumes.has(name)) errors.push(notFoundValue(`${at}.name`, name))
    if (path === '') errors.push(required(`${at}.mountPath`))
    if (paths.has(path)) errors.push(invalidValue(`${at}.mountPath`, path, 'must be unique'))
    paths.add(path)
    const [subPath, expression] = [stringOf(mount, 'subPath'), stringOf(mount, 'subPathExpr')]
    errors.push(...validateInnerPath(subPath, `${field}.subPath`))
    if (expression !== '' && subPath !== '') {
      errors.push(invalidValue(`${at}.subPathExpr`, expression, 'subPathExpr and subPath are mutually exclusive'))
    }
    errors.push(...validateInnerPath(expression, `${field}.subPathExpr`))
    const propagation = mount.mountPropagation
    if (propagation !== undefined && !propagations.includes(String(propagation))) {
      errors.push(notSupported(`${field}.mountPropagation`, propagation, propagations))
    }
    return errors
  })
}
