import {
  cpuQuantity,
  DEFAULT_SIZE,
  type EnvironmentToRender,
  memoryQuantity,
  type ResourceLimits,
  WEB_PORT,
} from '@slipway/domain'
import type { NetworkPolicySpec } from 'kubernetes-types/networking/v1.d.ts'
import { egressRules } from './egress.ts'
import { environmentLabels, LABELS, MANAGER } from './labels.ts'
import { define, type KubeObject } from './object.ts'
import { resourcesOf } from './pod.ts'
import { renderPullSecret } from './pull-secret.ts'

/**
 * Labels for Pod Security admission. "baseline" admits every pod of an app, also those of images that start as root; what
 * falls short of "restricted" is answered with a warning and written to the audit log.
 * Reference: https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
export const podSecurityLabels = (enforce: 'restricted' | 'baseline' | 'privileged') => ({
  'pod-security.kubernetes.io/enforce': enforce,
  'pod-security.kubernetes.io/warn': enforce === 'privileged' ? enforce : 'restricted',
  'pod-security.kubernetes.io/audit': enforce === 'privileged' ? enforce : 'restricted',
})

/** `spec.hard` of the ResourceQuota: the allocation's numbers as they are. No key where there is no limit. */
function hardLimits(limits: ResourceLimits): Record<string, string> {
  const { cpuMillis, memoryMiB, instances } = limits
  const memory = memoryMiB === null ? null : memoryQuantity(memoryMiB)
  return {
    ...(cpuMillis === null ? {} : { 'requests.cpu': cpuQuantity(cpuMillis) }),
    ...(memory === null ? {} : { 'requests.memory': memory, 'limits.memory': memory }),
    ...(instances === null ? {} : { pods: String(instances) }),
  }
}

/** One rule a policy, so that each can be read, and taken away, by itself. */
function networkPolicy(environment: EnvironmentToRender, name: string, spec: NetworkPolicySpec): KubeObject {
  return define({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: environment.namespace, labels: environmentLabels(environment) },
    spec,
  })
}

function networkPolicies(environment: EnvironmentToRender): KubeObject[] {
  const { ingressNamespace } = environment
  const from = ingressNamespace
    ? { from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': ingressNamespace } } }] }
    : {}
  return [
    networkPolicy(environment, 'default-deny-ingress', { podSelector: {}, policyTypes: ['Ingress'] }),
    networkPolicy(environment, 'allow-same-namespace', {
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: {} }] }],
    }),
    networkPolicy(environment, 'allow-ingress-controller', {
      podSelector: { matchLabels: { [LABELS.managedBy]: MANAGER } },
      policyTypes: ['Ingress'],
      ingress: [{ ...from, ports: [{ port: WEB_PORT, protocol: 'TCP' }] }],
    }),
    // Apps reach each other by their public addresses, too, which lead to the ingress controller.
    networkPolicy(environment, 'allow-egress', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [
        { to: [{ podSelector: {} }] },
        ...egressRules(environment.egress, { namespaces: ingressNamespace ? [ingressNamespace] : [] }),
      ],
    }),
  ]
}

/**
 * The Namespace of an environment and what guards it, in apply order. The quota's numbers are those of the allocation: the
 * platform admits a change only when it fits with its surge, so a roll-out never needs more. Instances that are still
 * stopping count too, so where the allocation is tight the next instance may wait until the last one is gone.
 */
export function renderEnvironment(environment: EnvironmentToRender): KubeObject[] {
  const { namespace } = environment
  const labels = environmentLabels(environment)
  const size = resourcesOf(DEFAULT_SIZE)
  return [
    define({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { ...labels, ...podSecurityLabels(environment.podSecurity) } },
    }),
    define({
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'slipway', namespace, labels },
      spec: { limits: [{ type: 'Container', defaultRequest: size.requests, default: size.limits }] },
    }),
    define({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'slipway', namespace, labels },
      spec: { hard: hardLimits(environment.limits) },
    }),
    ...networkPolicies(environment),
    ...renderPullSecret(environment),
  ]
}
