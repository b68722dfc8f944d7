import { objectList, optionalObject, stringList, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { type Check, type Container, named, offenders } from './pod-security-check.ts'
import { appArmor, hostProbes, procMount, procMountBaseline, seLinux, sysctls } from './pod-security-profiles.ts'

export type SecurityLevel = 'privileged' | 'baseline' | 'restricted'

const baselineCapabilities = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])

const privileged: Check = (_spec, containers) =>
  offenders(
    containers,
    'privileged',
    'must not set securityContext.privileged=true',
    (c) => c.security?.privileged === true,
  )

const hostNamespaces: Check = (spec) => {
  const used = ['hostNetwork', 'hostPID', 'hostIPC'].filter((key) => spec[key] === true)
  return used.length === 0 ? null : `host namespaces (${used.map((key) => `${key}=true`).join(', ')})`
}

const hostPath: Check = (spec) => {
  const used = objectList(spec, 'volumes').filter((volume) => volume.hostPath !== undefined)
  const names = used.map((volume) => JSON.stringify(stringOf(volume, 'name'))).join(', ')
  return used.length === 0 ? null : `hostPath volumes (volume${used.length === 1 ? '' : 's'} ${names})`
}

const hostPorts: Check = (_spec, containers) => {
  const ports = (container: Container) =>
    objectList(container.spec, 'ports').flatMap((port) =>
      typeof port.hostPort === 'number' && port.hostPort !== 0 ? [port.hostPort] : [],
    )
  const found = containers.filter((container) => ports(container).length > 0)
  if (found.length === 0) return null
  const numbers = [...new Set(found.flatMap(ports))].sort((a, b) => a - b)
  return `hostPort (${named(found)} use${found.length === 1 ? 's' : ''} hostPort${numbers.length === 1 ? '' : 's'} ${numbers.join(', ')})`
}

function addedCapabilities(container: Container): string[] {
  return stringList(optionalObject(container.security, 'capabilities'), 'add')
}

const baselineAdd: Check = (_spec, containers) => {
  const found = containers.filter((c) =>
    addedCapabilities(c).some((capability) => !baselineCapabilities.has(capability)),
  )
  if (found.length === 0) return null
  const extra = [...new Set(found.flatMap(addedCapabilities))]
    .filter((capability) => !baselineCapabilities.has(capability))
    .sort()
  const list = extra.map((capability) => JSON.stringify(capability)).join(', ')
  return `non-default capabilities (${named(found)} must not include ${list} in securityContext.capabilities.add)`
}

const allowPrivilegeEscalation: Check = (_spec, containers) =>
  offenders(
    containers,
    'allowPrivilegeEscalation != false',
    'must set securityContext.allowPrivilegeEscalation=false',
    (c) => c.security?.allowPrivilegeEscalation !== false,
  )

const restrictedCapabilities: Check = (_spec, containers) => {
  const keeps = containers.filter(
    (c) => !stringList(optionalObject(c.security, 'capabilities'), 'drop').includes('ALL'),
  )
  const adds = containers.filter((c) => addedCapabilities(c).some((capability) => capability !== 'NET_BIND_SERVICE'))
  const parts: string[] = []
  if (keeps.length > 0) parts.push(`${named(keeps)} must set securityContext.capabilities.drop=["ALL"]`)
  if (adds.length > 0) {
    const extra = [...new Set(adds.flatMap(addedCapabilities))].filter((name) => name !== 'NET_BIND_SERVICE').sort()
    parts.push(
      `${named(adds)} must not include ${extra.map((name) => JSON.stringify(name)).join(', ')} in securityContext.capabilities.add`,
    )
  }
  return parts.length === 0 ? null : `unrestricted capabilities (${parts.join('; ')})`
}

const restrictedVolumeTypes = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
  'image',
])

const restrictedVolumes: Check = (spec) => {
  const bad = objectList(spec, 'volumes').flatMap((volume) => {
    const type = Object.keys(volume).find((key) => key !== 'name' && !restrictedVolumeTypes.has(key))
    return type === undefined ? [] : [{ name: stringOf(volume, 'name'), type }]
  })
  if (bad.length === 0) return null
  const names = bad.map(({ name }) => JSON.stringify(name)).join(', ')
  const types = [...new Set(bad.map(({ type }) => type))].sort()
  const list = types.map((type) => JSON.stringify(type)).join(', ')
  return `restricted volume types (volume${bad.length === 1 ? '' : 's'} ${names} use${bad.length === 1 ? 's' : ''} restricted volume type${types.length === 1 ? '' : 's'} ${list})`
}

/** A setting that the pod makes for all containers unless one says otherwise. */
function podOrContainer(
  spec: JsonObject,
  containers: Container[],
  good: (security: JsonObject | null) => boolean,
  bad: (security: JsonObject | null) => boolean,
): { explicit: Container[]; implicit: Container[]; podBad: boolean } {
  const pod = optionalObject(spec, 'securityContext')
  const explicit = containers.filter((container) => bad(container.security))
  const implicit = good(pod) ? [] : containers.filter((c) => !good(c.security) && !bad(c.security))
  return { explicit, implicit, podBad: bad(pod) }
}

const runAsNonRoot: Check = (spec, containers) => {
  const { explicit, implicit, podBad } = podOrContainer(
    spec,
    containers,
    (security) => security?.runAsNonRoot === true,
    (security) => security?.runAsNonRoot === false,
  )
  const bad = [...(podBad ? ['pod'] : []), ...(explicit.length > 0 ? [named(explicit)] : [])]
  if (bad.length > 0)
    return `runAsNonRoot != true (${bad.join(' and ')} must not set securityContext.runAsNonRoot=false)`
  if (implicit.length === 0) return null
  return `runAsNonRoot != true (pod or ${named(implicit)} must set securityContext.runAsNonRoot=true)`
}

const runAsUser: Check = (spec, containers) => {
  const bad = containers.filter((container) => container.security?.runAsUser === 0)
  const pod = optionalObject(spec, 'securityContext')?.runAsUser === 0
  if (!pod && bad.length === 0) return null
  const who = [...(pod ? ['pod'] : []), ...(bad.length > 0 ? [named(bad)] : [])].join(' and ')
  return `runAsUser=0 (${who} must not set runAsUser=0)`
}

function seccompType(security: JsonObject | null): string {
  return stringOf(optionalObject(security, 'seccompProfile'), 'type')
}

const seccompBaseline: Check = (spec, containers) => {
  const bad = containers.filter((container) => seccompType(container.security) === 'Unconfined')
  const pod = seccompType(optionalObject(spec, 'securityContext')) === 'Unconfined'
  if (!pod && bad.length === 0) return null
  const who = [...(pod ? ['pod'] : []), ...(bad.length > 0 ? [named(bad)] : [])].join(' and ')
  return `seccompProfile (${who} must not set securityContext.seccompProfile.type to "Unconfined")`
}

const seccompRestricted: Check = (spec, containers) => {
  const unconfined = seccompBaseline(spec, containers, null)
  if (unconfined !== null) return unconfined
  const allowed = (security: JsonObject | null) => ['RuntimeDefault', 'Localhost'].includes(seccompType(security))
  if (allowed(optionalObject(spec, 'securityContext'))) return null
  const silent = containers.filter((container) => !allowed(container.security))
  if (silent.length === 0) return null
  return `seccompProfile (pod or ${named(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`
}

const baselineChecks: Check[] = [
  appArmor,
  baselineAdd,
  hostNamespaces,
  hostPath,
  hostPorts,
  hostProbes,
  privileged,
  procMountBaseline,
  seLinux,
  seccompBaseline,
  sysctls,
]
// Restricted replaces the weaker forms of the same checks; the order is that of the real server's messages.
const restrictedChecks: Check[] = [
  appArmor,
  hostNamespaces,
  hostPorts,
  hostProbes,
  privileged,
  procMount,
  seLinux,
  sysctls,
  allowPrivilegeEscalation,
  restrictedCapabilities,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
]

/** What a pod breaks of a level, in the sentences of k8s.io/pod-security-admission. */
export function checkPodSecurity(spec: JsonObject, metadata: JsonObject | null, level: SecurityLevel): string[] {
  if (level === 'privileged') return []
  const all = [
    ...objectList(spec, 'initContainers'),
    ...objectList(spec, 'containers'),
    ...objectList(spec, 'ephemeralContainers'),
  ]
  const containers = all.map((container) => ({
    name: stringOf(container, 'name'),
    security: optionalObject(container, 'securityContext'),
    spec: container,
  }))
  const checks = level === 'baseline' ? baselineChecks : restrictedChecks
  return checks.map((check) => check(spec, containers, metadata)).filter((text) => text !== null)
}
