/**
 * How lists and maps of the API merge: the `x-kubernetes-list-type`, `-list-map-keys`, `-map-type`, `-patch-strategy` and
 * `-patch-merge-key` of the OpenAPI document, for the kinds that are served. Whatever is not named here is atomic (lists) or
 * granular (structs and maps). Reference: https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
 */
export interface ListRule {
  listType: 'map' | 'set' | 'atomic'
  /** Keys of a `map` list, as server-side apply identifies elements. */
  keys?: string[]
  /** Strategic merge: the list is merged, by `patchKey` where elements are objects. */
  patchKey?: string
  patchMerge?: boolean
}

/** A list that both server-side apply and strategic merge patch identify by the same single key. */
const byKey = (key: string): ListRule => ({ listType: 'map', keys: [key], patchKey: key, patchMerge: true })
const set: ListRule = { listType: 'set' }
const containerPorts: ListRule = {
  listType: 'map',
  keys: ['containerPort', 'protocol'],
  patchKey: 'containerPort',
  patchMerge: true,
}

export const listRules: Record<string, ListRule> = {
  'V1ObjectMeta.finalizers': { listType: 'set', patchMerge: true },
  'V1ObjectMeta.ownerReferences': byKey('uid'),
  'V1PodSpec.volumes': byKey('name'),
  'V1PodSpec.initContainers': byKey('name'),
  'V1PodSpec.containers': byKey('name'),
  'V1PodSpec.ephemeralContainers': byKey('name'),
  'V1PodSpec.imagePullSecrets': byKey('name'),
  'V1PodSpec.hostAliases': byKey('ip'),
  'V1PodSpec.topologySpreadConstraints': {
    listType: 'map',
    keys: ['topologyKey', 'whenUnsatisfiable'],
    patchKey: 'topologyKey',
    patchMerge: true,
  },
  'V1PodSpec.schedulingGates': byKey('name'),
  'V1PodSpec.resourceClaims': byKey('name'),
  'V1Container.ports': containerPorts,
  'V1Container.env': byKey('name'),
  'V1Container.volumeMounts': byKey('mountPath'),
  'V1Container.volumeDevices': byKey('devicePath'),
  'V1EphemeralContainer.ports': containerPorts,
  'V1EphemeralContainer.env': byKey('name'),
  'V1EphemeralContainer.volumeMounts': byKey('mountPath'),
  'V1EphemeralContainer.volumeDevices': byKey('devicePath'),
  'V1ResourceRequirements.claims': { listType: 'map', keys: ['name'] },
  'V1ContainerRestartRuleOnExitCodes.values': set,
  'V1ContainerStatus.volumeMounts': byKey('mountPath'),
  'V1ContainerStatus.allocatedResourcesStatus': byKey('name'),
  'V1PodStatus.conditions': byKey('type'),
  'V1PodStatus.hostIPs': { listType: 'atomic', patchKey: 'ip', patchMerge: true },
  'V1PodStatus.podIPs': byKey('ip'),
  'V1PodStatus.resourceClaimStatuses': byKey('name'),
  'V1ServiceSpec.ports': { listType: 'map', keys: ['port', 'protocol'], patchKey: 'port', patchMerge: true },
  'V1ServiceStatus.conditions': byKey('type'),
  'V1ServiceAccount.secrets': byKey('name'),
  'V1NodeSpec.podCIDRs': { listType: 'set', patchMerge: true },
  'V1NodeStatus.conditions': byKey('type'),
  'V1NodeStatus.addresses': byKey('type'),
  'V1NamespaceStatus.conditions': byKey('type'),
  'V1PersistentVolumeClaimStatus.conditions': byKey('type'),
  'V1DeploymentStatus.conditions': byKey('type'),
  'V1ReplicaSetStatus.conditions': byKey('type'),
  'V1StatefulSetStatus.conditions': byKey('type'),
  'V1DaemonSetStatus.conditions': byKey('type'),
  'V1JobStatus.conditions': { listType: 'atomic', patchKey: 'type', patchMerge: true },
  'V1PodFailurePolicyOnExitCodesRequirement.values': set,
  'V1UncountedTerminatedPods.succeeded': set,
  'V1UncountedTerminatedPods.failed': set,
  'V1PodDisruptionBudgetStatus.conditions': byKey('type'),
  'V1Endpoint.addresses': set,
  'V1GatewayClassStatus.conditions': { listType: 'map', keys: ['type'] },
  'V1GatewaySpec.listeners': { listType: 'map', keys: ['name'] },
  'V1GatewayStatus.conditions': { listType: 'map', keys: ['type'] },
  'V1GatewayStatus.listeners': { listType: 'map', keys: ['name'] },
  'V1GatewayListenerStatus.conditions': { listType: 'map', keys: ['type'] },
  'V1HTTPRouteParentStatus.conditions': { listType: 'map', keys: ['type'] },
}

/** Structs that server-side apply owns as a whole. */
export const atomicStructs = new Set([
  'V1LabelSelector',
  'V1ObjectFieldSelector',
  'V1ResourceFieldSelector',
  'V1ConfigMapKeySelector',
  'V1SecretKeySelector',
  'V1FileKeySelector',
  'V1NodeSelector',
  'V1NodeSelectorTerm',
  'V1TopologySelectorTerm',
  'V1ObjectReference',
  'V1LocalObjectReference',
  'V1TypedLocalObjectReference',
  'V1SecretReference',
  'V1OwnerReference',
  'V1ScopeSelector',
  'V1RoleRef',
  'RbacV1Subject',
  'V1ServiceBackendPort',
  'CoreV1EndpointPort',
  'DiscoveryV1EndpointPort',
  'V1EndpointAddress',
])

/** Maps that server-side apply owns as a whole. */
export const atomicMaps = new Set(['V1PodSpec.nodeSelector', 'V1ServiceSpec.selector'])

/** References that are granular here although their type is atomic elsewhere. */
export const granularFields = new Set(['V1PersistentVolumeSpec.claimRef'])

/** Structs of which strategic merge patch keeps only the keys that the patch names in `$retainKeys`. */
export const replacedOnPatch = new Set(['V1PodDisruptionBudgetSpec.selector'])

/** Values that complete a list key which the writer left out. */
export const keyDefaults: Record<string, string> = { protocol: 'TCP' }
