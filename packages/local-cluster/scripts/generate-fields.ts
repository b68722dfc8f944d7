/**
 * Writes src/schema/fields.json: the fields of every served kind and their JSON types, taken from the attribute maps of
 * @kubernetes/client-node (generated from the OpenAPI document of Kubernetes 1.36). Run it after raising that dependency:
 * `node packages/local-cluster/scripts/generate-fields.ts`.
 */
import { writeFileSync } from 'node:fs'
import * as models from '@kubernetes/client-node'
import { z } from 'zod'
import { gatewayTypes } from './gateway-fields.ts'

const roots: Record<string, string> = {
  'v1/ConfigMap': 'V1ConfigMap',
  'v1/DeleteOptions': 'V1DeleteOptions',
  'v1/Event': 'CoreV1Event',
  'v1/LimitRange': 'V1LimitRange',
  'v1/Namespace': 'V1Namespace',
  'v1/Node': 'V1Node',
  'v1/PersistentVolume': 'V1PersistentVolume',
  'v1/PersistentVolumeClaim': 'V1PersistentVolumeClaim',
  'v1/Pod': 'V1Pod',
  'v1/ResourceQuota': 'V1ResourceQuota',
  'v1/Secret': 'V1Secret',
  'v1/Service': 'V1Service',
  'v1/ServiceAccount': 'V1ServiceAccount',
  'apps/v1/ControllerRevision': 'V1ControllerRevision',
  'apps/v1/DaemonSet': 'V1DaemonSet',
  'apps/v1/Deployment': 'V1Deployment',
  'apps/v1/ReplicaSet': 'V1ReplicaSet',
  'apps/v1/StatefulSet': 'V1StatefulSet',
  'autoscaling/v1/Scale': 'V1Scale',
  'batch/v1/CronJob': 'V1CronJob',
  'batch/v1/Job': 'V1Job',
  'discovery.k8s.io/v1/EndpointSlice': 'V1EndpointSlice',
  'networking.k8s.io/v1/Ingress': 'V1Ingress',
  'networking.k8s.io/v1/IngressClass': 'V1IngressClass',
  'networking.k8s.io/v1/NetworkPolicy': 'V1NetworkPolicy',
  'gateway.networking.k8s.io/v1/Gateway': 'V1Gateway',
  'gateway.networking.k8s.io/v1/GatewayClass': 'V1GatewayClass',
  'gateway.networking.k8s.io/v1/HTTPRoute': 'V1HTTPRoute',
  'rbac.authorization.k8s.io/v1/ClusterRole': 'V1ClusterRole',
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': 'V1ClusterRoleBinding',
  'rbac.authorization.k8s.io/v1/Role': 'V1Role',
  'rbac.authorization.k8s.io/v1/RoleBinding': 'V1RoleBinding',
  'policy/v1/PodDisruptionBudget': 'V1PodDisruptionBudget',
  'storage.k8s.io/v1/StorageClass': 'V1StorageClass',
}

/** The attribute maps say `string` for quantities; these are the fields that are resource.Quantity in Go. */
const quantities = new Set([
  'V1ResourceRequirements.limits',
  'V1ResourceRequirements.requests',
  'V1VolumeResourceRequirements.limits',
  'V1VolumeResourceRequirements.requests',
  'V1ResourceQuotaSpec.hard',
  'V1ResourceQuotaStatus.hard',
  'V1ResourceQuotaStatus.used',
  'V1LimitRangeItem.default',
  'V1LimitRangeItem.defaultRequest',
  'V1LimitRangeItem.max',
  'V1LimitRangeItem.maxLimitRequestRatio',
  'V1LimitRangeItem.min',
  'V1NodeStatus.allocatable',
  'V1NodeStatus.capacity',
  'V1PodSpec.overhead',
  'V1ContainerStatus.allocatedResources',
  'V1EmptyDirVolumeSource.sizeLimit',
  'V1PersistentVolumeSpec.capacity',
  'V1PersistentVolumeClaimStatus.capacity',
  'V1PersistentVolumeClaimStatus.allocatedResources',
  'V1ResourceFieldSelector.divisor',
])

const attributeSchema = z.array(z.object({ baseName: z.string(), type: z.string(), format: z.string() }))
const modelSchema = z.custom<{ getAttributeTypeMap(): unknown }>(
  (value) => typeof value === 'function' && 'getAttributeTypeMap' in value,
)
const modelByName = new Map<string, unknown>(Object.entries(models))

function jsonType(owner: string, attribute: { baseName: string; type: string; format: string }): string {
  const { type, format } = attribute
  const array = /^Array<(.*)>$/.exec(type)
  if (array?.[1] !== undefined) return `[]${jsonType(owner, { ...attribute, type: array[1] })}`
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)
  if (map?.[1] !== undefined) return `{}${jsonType(owner, { ...attribute, type: map[1] })}`
  if (quantities.has(`${owner}.${attribute.baseName}`)) return 'quantity'
  if (type === 'Date') return 'time'
  if (type === 'V1MicroTime') return 'microtime'
  if (type === 'IntOrString') return 'intOrString'
  if (type === 'number') return format.startsWith('int') ? format : 'number'
  if (type === 'string' && format === 'byte') return 'bytes'
  return type === 'object' ? 'any' : type
}

const scalars = new Set(['string', 'boolean', 'number', 'int32', 'int64', 'time', 'microtime'])
for (const more of ['intOrString', 'quantity', 'bytes', 'any']) scalars.add(more)

const types: Record<string, Record<string, string>> = {}
const pending = Object.values(roots)
for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
  if (types[name] !== undefined) continue
  const given = gatewayTypes[name]
  if (given !== undefined) {
    types[name] = given
    for (const type of Object.values(given)) {
      const element = type.replace(/^(\[\]|\{\})+/, '')
      if (!scalars.has(element)) pending.push(element)
    }
    continue
  }
  const attributes = attributeSchema.parse(modelSchema.parse(modelByName.get(name)).getAttributeTypeMap())
  const fields: Record<string, string> = {}
  for (const attribute of attributes) {
    const type = jsonType(name, attribute)
    fields[attribute.baseName] = type
    const element = type.replace(/^(\[\]|\{\})+/, '')
    if (!scalars.has(element)) pending.push(element)
  }
  types[name] = fields
}

const file = new URL('../src/apiserver/schema/fields.json', import.meta.url)
writeFileSync(file, `${JSON.stringify({ roots, types: Object.fromEntries(Object.entries(types).sort()) }, null, 1)}\n`)
process.stdout.write(`${Object.keys(types).length} types written to ${file.pathname}\n`)
