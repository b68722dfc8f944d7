import { objectList, optionalObject, stringMap, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { type Check, type Container, named, offenders } from './pod-security-check.ts'

/** The pod itself and its containers, as the subjects of a sentence. */
function whoSet(pod: boolean, containers: Container[]): string {
  return [...(pod ? ['pod'] : []), ...(containers.length > 0 ? [named(containers)] : [])].join(' and ')
}

function isUnconfined(security: JsonObject | null): boolean {
  return stringOf(optionalObject(security, 'appArmorProfile'), 'type') === 'Unconfined'
}

export const appArmor: Check = (spec, containers, metadata) => {
  const annotated = Object.entries(stringMap(metadata, 'annotations')).filter(
    ([key, value]) =>
      key.startsWith('container.apparmor.security.beta.kubernetes.io/') &&
      !/^(runtime\/default|localhost\/.*|)$/.test(value),
  )
  const bad = containers.filter(({ security }) => isUnconfined(security))
  const pod = isUnconfined(optionalObject(spec, 'securityContext'))
  const parts: string[] = []
  if (pod || bad.length > 0) parts.push(`${whoSet(pod, bad)} must not set AppArmor profile type to "Unconfined"`)
  if (annotated.length > 0) {
    const list = annotated.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(', ')
    parts.push(`annotation${annotated.length === 1 ? '' : 's'} ${list}`)
  }
  const several = (pod ? 1 : 0) + bad.length + annotated.length > 1
  return parts.length === 0 ? null : `forbidden AppArmor profile${several ? 's' : ''} (${parts.join(' and ')})`
}

const linuxTypes = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'])

export const seLinux: Check = (spec, containers) => {
  const optionsOf = (security: JsonObject | null) => optionalObject(security, 'seLinuxOptions')
  const isBad = (security: JsonObject | null) => {
    const options = optionsOf(security)
    const labelled = stringOf(options, 'user') !== '' || stringOf(options, 'role') !== ''
    return labelled || !linuxTypes.has(stringOf(options, 'type'))
  }
  const podSecurity = optionalObject(spec, 'securityContext')
  const bad = containers.filter(({ security }) => isBad(security))
  const pod = isBad(podSecurity)
  if (!pod && bad.length === 0) return null
  const all = [...(pod ? [podSecurity] : []), ...bad.map(({ security }) => security)].map(optionsOf)
  const types = [...new Set(all.map((options) => stringOf(options, 'type')))].filter((type) => !linuxTypes.has(type))
  const what: string[] = []
  if (types.length > 0) {
    const list = types.sort().map((type) => JSON.stringify(type))
    what.push(`type${types.length === 1 ? '' : 's'} ${list.join(', ')}`)
  }
  for (const key of ['user', 'role']) {
    if (all.some((options) => stringOf(options, key) !== '')) what.push(`${key} may not be set`)
  }
  return `seLinuxOptions (${whoSet(pod, bad)} set forbidden securityContext.seLinuxOptions: ${what.join('; ')})`
}

const safeSysctls = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
])

export const sysctls: Check = (spec) => {
  const names = objectList(optionalObject(spec, 'securityContext'), 'sysctls').map((each) => stringOf(each, 'name'))
  const bad = names.filter((name) => !safeSysctls.has(name))
  return bad.length === 0 ? null : `forbidden sysctls (${bad.join(', ')})`
}

/** Hosts that a container's probes and hooks call, other than the pod itself. */
function calledHosts(container: JsonObject): string[] {
  const lifecycle = optionalObject(container, 'lifecycle')
  const handlers = [
    ...['livenessProbe', 'readinessProbe', 'startupProbe'].map((key) => optionalObject(container, key)),
    ...['postStart', 'preStop'].map((key) => optionalObject(lifecycle, key)),
  ]
  const hosts = handlers.flatMap((handler) =>
    ['httpGet', 'tcpSocket'].map((kind) => stringOf(optionalObject(handler, kind), 'host')),
  )
  return hosts.filter((host) => host !== '')
}

export const hostProbes: Check = (_spec, containers) => {
  const bad = containers.filter(({ spec }) => calledHosts(spec).length > 0)
  if (bad.length === 0) return null
  const hosts = [...new Set(bad.flatMap(({ spec }) => calledHosts(spec)))].sort()
  const list = hosts.map((host) => JSON.stringify(host)).join(', ')
  const [uses, what] = [bad.length === 1 ? 'uses' : 'use', `probe or lifecycle host${hosts.length === 1 ? '' : 's'}`]
  return `probe or lifecycle host (${named(bad)} ${uses} ${what} ${list})`
}

export const procMount: Check = (_spec, containers) =>
  offenders(
    containers,
    'procMount',
    'must not set securityContext.procMount to "Unmasked"',
    (c) => stringOf(c.security, 'procMount') === 'Unmasked',
  )

/** In a user namespace of its own a pod may see all of /proc, as far as the baseline goes. */
export const procMountBaseline: Check = (spec, containers, metadata) =>
  spec.hostUsers === false ? null : procMount(spec, containers, metadata)
