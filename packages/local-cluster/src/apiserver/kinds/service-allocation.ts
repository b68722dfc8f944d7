import { ApiError, invalid } from '../../types/errors.ts'
import { numberOf, objectList, optionalObject, setDefault, stringList, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { Services } from '../../types/resources.ts'
import type { PortClaim, StrategyContext } from '../core/strategy.ts'
import { invalidValue } from '../validation/fields.ts'

/** What a Service of its type has. Reference: pkg/registry/core/service/strategy.go. */
const needsNodePorts = ({ type }: JsonObject) => type === 'NodePort' || type === 'LoadBalancer'
export const needsHealthCheckPort = ({ type, externalTrafficPolicy }: JsonObject) =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local'
const givesNodePorts = (spec: JsonObject) =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)

/** What an update does not name and its Service keeps. */
export function keepAllocated(spec: JsonObject, old: JsonObject): void {
  if (needsNodePorts(old) && needsNodePorts(spec)) {
    const used = new Set(numbers(spec).filter((port) => numbers(old).includes(port)))
    const known = new Map(
      objectList(old, 'ports').map((port) => [stringOf(port, 'name'), numberOf(port, 'nodePort') ?? 0]),
    )
    for (const port of objectList(spec, 'ports')) {
      const before = known.get(stringOf(port, 'name')) ?? 0
      if ((numberOf(port, 'nodePort') ?? 0) !== 0 || before === 0 || used.has(before)) continue
      port.nodePort = before
      used.add(before)
    }
  }
  if (needsHealthCheckPort(old) && needsHealthCheckPort(spec) && (numberOf(spec, 'healthCheckNodePort') ?? 0) === 0) {
    spec.healthCheckNodePort = old.healthCheckNodePort
  }
}

/** What a Service of another type can not have goes, where the update left it as it was. */
export function dropOfOtherType(spec: JsonObject, old: JsonObject): void {
  if (needsNodePorts(old) && !needsNodePorts(spec) && `${numbers(spec)}` === `${numbers(old)}`) {
    for (const port of objectList(spec, 'ports')) delete port.nodePort
  }
  const dropped: [key: string, had: boolean, has: boolean][] = [
    ['healthCheckNodePort', needsHealthCheckPort(old), needsHealthCheckPort(spec)],
    ['allocateLoadBalancerNodePorts', old.type === 'LoadBalancer', spec.type === 'LoadBalancer'],
    ['loadBalancerClass', old.type === 'LoadBalancer', spec.type === 'LoadBalancer'],
    ['externalTrafficPolicy', reachable(old), reachable(spec)],
    ['sessionAffinityConfig', old.sessionAffinity === 'ClientIP', spec.sessionAffinity === 'ClientIP'],
  ]
  for (const [key, had, has] of dropped) {
    if (had && !has && JSON.stringify(spec[key]) === JSON.stringify(old[key])) delete spec[key]
  }
  if (old.type !== 'ExternalName' && spec.type === 'ExternalName') {
    for (const key of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy']) {
      if (JSON.stringify(spec[key]) === JSON.stringify(old[key])) delete spec[key]
    }
  }
}

const reachable = (spec: JsonObject) => needsNodePorts(spec) || stringList(spec, 'externalIPs').length > 0
const numbers = (spec: JsonObject) => objectList(spec, 'ports').map((port) => numberOf(port, 'nodePort') ?? 0)

/** One of address and list of addresses was changed, and means both. Reference: service.NormalizeClusterIPs. */
export function alignClusterIps(spec: JsonObject, old: JsonObject): void {
  const [ip, ips] = [stringOf(spec, 'clusterIP'), stringList(spec, 'clusterIPs')]
  const sameList = `${ips}` === `${stringList(old, 'clusterIPs')}`
  if (ip !== stringOf(old, 'clusterIP') && sameList) {
    if (ip === '') delete spec.clusterIPs
    else spec.clusterIPs = [ip, ...ips.slice(1)]
  } else if (ip === stringOf(old, 'clusterIP') && ips.length === 0 && !sameList) delete spec.clusterIP
}

/** Every service but ExternalName has an address; an update that does not name it keeps it. */
export function giveClusterIp(spec: JsonObject, old: JsonObject | null, { clusterIps }: StrategyContext): void {
  if (spec.type === 'ExternalName') return
  const before = old === null || old.type === 'ExternalName' ? '' : stringOf(old, 'clusterIP')
  // An address that is only in the list is refused.
  if (stringOf(spec, 'clusterIP') === '' && (stringList(spec, 'clusterIPs').length === 0 || before !== '')) {
    spec.clusterIP = before === '' ? clusterIps.allocate() : before
  }
  if (spec.clusterIP !== undefined && stringList(spec, 'clusterIPs').length === 0) spec.clusterIPs = [spec.clusterIP]
  if (spec.clusterIP === 'None' && optionalObject(spec, 'selector') === null) {
    setDefault(spec, 'ipFamilies', ['IPv4', 'IPv6'])
    setDefault(spec, 'ipFamilyPolicy', 'RequireDualStack')
  }
  setDefault(spec, 'ipFamilies', ['IPv4'])
  setDefault(spec, 'ipFamilyPolicy', 'SingleStack')
}

/** Takes address and ports. @throws ApiError 422 for those that others have; 500 for the port of health checks. */
export function allocateService(
  object: JsonObject,
  old: JsonObject | undefined,
  context: StrategyContext,
  dryRun: boolean,
): void {
  const spec = optionalObject(object, 'spec') ?? {}
  const before = optionalObject(old ?? {}, 'spec') ?? {}
  const name = stringOf(optionalObject(object, 'metadata'), 'name')
  const ip = stringOf(spec, 'clusterIP')
  if (ip !== '' && ip !== 'None' && ip !== stringOf(before, 'clusterIP')) {
    const refusal = context.clusterIps.refusal(ip)
    const why = `failed to allocate IP ${ip}: ${refusal}`
    if (refusal !== null)
      throw invalid(Services, name, [invalidValue('spec.clusterIPs', stringList(spec, 'clusterIPs'), why)])
  }
  const own = new Set(needsNodePorts(before) ? numbers(before) : [])
  const claim = context.nodePorts.claim(dryRun)
  if (needsNodePorts(spec)) allocateNodePorts(spec, name, own, claim)
  if (needsHealthCheckPort(spec)) allocateHealthCheckPort(spec, before, claim)
}

function allocateNodePorts(spec: JsonObject, name: string, own: ReadonlySet<number>, claim: PortClaim): void {
  /** TCP and UDP of one port share what they get. */
  const byPort = new Map<number, number>()
  for (const [index, port] of objectList(spec, 'ports').entries()) {
    const [wanted, number] = [numberOf(port, 'nodePort') ?? 0, numberOf(port, 'port') ?? 0]
    if (wanted === 0 && !givesNodePorts(spec)) continue
    const shared = byPort.get(number)
    if (shared !== undefined && (wanted === 0 || wanted === shared)) {
      port.nodePort = shared
      continue
    }
    const refusal = wanted === 0 || own.has(wanted) ? null : claim.take(wanted)
    if (refusal !== null)
      throw invalid(Services, name, [invalidValue(`spec.ports[${index}].nodePort`, wanted, refusal)])
    const given = wanted === 0 ? claim.next() : wanted
    port.nodePort = given
    byPort.set(number, given)
  }
}

function allocateHealthCheckPort(spec: JsonObject, before: JsonObject, claim: PortClaim): void {
  const wanted = numberOf(spec, 'healthCheckNodePort') ?? 0
  if (wanted !== 0 && wanted === before.healthCheckNodePort) return
  const refusal = wanted === 0 ? null : claim.take(wanted)
  if (refusal !== null) {
    const why = `failed to allocate requested HealthCheck NodePort ${wanted}: ${refusal}`
    throw new ApiError(500, 'InternalError', `Internal error occurred: ${why}`, { causes: [{ message: why }] })
  }
  spec.healthCheckNodePort = wanted === 0 ? claim.next() : wanted
}
