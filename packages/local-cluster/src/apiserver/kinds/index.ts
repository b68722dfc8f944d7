import type { KindRules, KindStrategy } from '../core/strategy.ts'
import { schemaOf } from '../schema/schema.ts'
import { cronJobs, jobs } from './batch.ts'
import { configMaps, events, namespaces, nodes, pods, secrets, serviceAccounts } from './core-kinds.ts'
import { gatewayClasses, gateways, httpRoutes } from './gateway.ts'
import { endpointSlices, ingressClasses, ingresses, networkPolicies } from './networking.ts'
import { podDisruptionBudgets } from './policy.ts'
import { limitRanges, resourceQuotas } from './quota-kinds.ts'
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from './rbac.ts'
import { services } from './service.ts'
import { persistentVolumeClaims, persistentVolumes, storageClasses } from './storage.ts'
import { controllerRevisions, daemonSets, deployments, replicaSets, statefulSets } from './workloads.ts'

const rules: KindRules[] = [
  configMaps,
  events,
  limitRanges,
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  resourceQuotas,
  secrets,
  serviceAccounts,
  services,
  controllerRevisions,
  daemonSets,
  deployments,
  replicaSets,
  statefulSets,
  cronJobs,
  jobs,
  endpointSlices,
  ingressClasses,
  ingresses,
  networkPolicies,
  podDisruptionBudgets,
  roles,
  clusterRoles,
  roleBindings,
  clusterRoleBindings,
  storageClasses,
  gatewayClasses,
  gateways,
  httpRoutes,
]

/** Every kind that is stored, with its rules and schema. */
export const kindStrategies: readonly KindStrategy[] = rules.map((rule) => {
  const schema = schemaOf(rule.type)
  if (schema === undefined) throw new Error(`No schema for ${rule.type.kind}: run scripts/generate-fields.ts.`)
  return { ...rule, schema }
})

const byKind = new Map(
  kindStrategies.map((strategy) => [`${strategy.type.apiVersion}/${strategy.type.kind}`, strategy]),
)

export function findStrategy(type: { apiVersion: string; kind: string }): KindStrategy | undefined {
  return byKind.get(`${type.apiVersion}/${type.kind}`)
}
