import type { NetworkPolicySpec } from 'kubernetes-types/networking/v1.d.ts'
import { buildNamespaceOf } from './build-names.ts'
import type { BuildToRender } from './build-to-render.ts'
import { podSecurityLabels } from './environment.ts'
import { LABELS, MANAGER } from './labels.ts'
import { define, type KubeObject } from './object.ts'

/** Link-local addresses: where clouds hand out the credentials of a node. */
const LINK_LOCAL = { ipv4: '169.254.0.0/16', ipv6: 'fe80::/10' }

/** Fetching packages and pushing images goes anywhere but to the node's own metadata service. */
function egress(platformNamespace: string | null): NonNullable<NetworkPolicySpec['egress']> {
  const dns = [
    { port: 53, protocol: 'UDP' },
    { port: 53, protocol: 'TCP' },
  ]
  const platform =
    platformNamespace === null
      ? []
      : [
          {
            to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': platformNamespace } } }],
          },
        ]
  return [
    { ports: dns, to: [{ namespaceSelector: {} }] },
    // Some network plugins do not match pods by address, so the platform and a registry beside it are named.
    ...platform,
    {
      to: [
        { ipBlock: { cidr: '0.0.0.0/0', except: [LINK_LOCAL.ipv4] } },
        { ipBlock: { cidr: '::/0', except: [LINK_LOCAL.ipv6] } },
      ],
    },
  ]
}

/**
 * The namespace of a build and what guards it, in apply order. Builds of Dockerfiles have one of their own, because BuildKit
 * needs more than Pod Security's "baseline" admits; all others run under "restricted". Whoever may make pods in the weaker
 * one may take over a node, so nobody but Slipway is to have that right.
 */
export function renderBuildNamespace(
  build: Pick<BuildToRender, 'strategy' | 'clusterKind' | 'installation' | 'platformNamespace'>,
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
    policy('allow-egress', { podSelector: {}, policyTypes: ['Egress'], egress: egress(build.platformNamespace) }),
  ]
}
