import type { NetworkPolicySpec } from 'kubernetes-types/networking/v1.d.ts'
import { buildNamespaceOf } from './build-names.ts'
import type { BuildToRender } from './build-to-render.ts'
import { egressRules } from './egress.ts'
import { podSecurityLabels } from './environment.ts'
import { LABELS, MANAGER } from './labels.ts'
import { define, type KubeObject } from './object.ts'

/** A build fetches its source from the platform and packages from the internet, and pushes to the registry. */
const egress = ({ egress, reach, platformNamespace }: Pick<BuildToRender, 'egress' | 'reach' | 'platformNamespace'>) =>
  egressRules(egress, { namespaces: platformNamespace === null ? [] : [platformNamespace], endpoints: reach })

/**
 * The namespace of a build and what guards it, in apply order. Builds of Dockerfiles have one of their own, because BuildKit
 * needs more than Pod Security's "baseline" admits; all others run under "restricted". Whoever may make pods in the weaker
 * one may take over a node, so nobody but Slipway is to have that right.
 */
export function renderBuildNamespace(
  build: Pick<BuildToRender, 'strategy' | 'clusterKind' | 'installation' | 'platformNamespace' | 'egress' | 'reach'>,
): KubeObject[] {
  const namespace = buildNamespaceOf(build.strategy, build)
  const labels = {
    [LABELS.managedBy]: MANAGER,
    ...(build.installation === null ? {} : { [LABELS.installation]: build.installation }),
  }
  const policy = (name: string, spec: NetworkPolicySpec) =>
    define({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace, labels }, spec })
  const security = podSecurityLabels(build.strategy === 'dockerfile' ? 'privileged' : 'restricted')
  return [
    define({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { ...labels, ...security } } }),
    policy('default-deny-ingress', { podSelector: {}, policyTypes: ['Ingress'] }),
    policy('allow-egress', { podSelector: {}, policyTypes: ['Egress'], egress: egress(build) }),
  ]
}
