import type { EgressNetworks } from '@slipway/domain'
import type { NetworkPolicySpec } from 'kubernetes-types/networking/v1.d.ts'

type Rules = NonNullable<NetworkPolicySpec['egress']>

/**
 * Networks that are no part of the internet: private ones (RFC 1918, RFC 6598, RFC 4193), where API servers, nodes and their services
 * are, and link-local ones, where clouds hand out the credentials of a node.
 */
export const PRIVATE_NETWORKS = {
  ipv4: ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
  ipv6: ['fc00::/7', 'fe80::/10'],
} as const

/** Where NodeLocal DNSCache listens on every node. */
const NODE_LOCAL_DNS = '169.254.20.10/32'

const isIpv6 = (network: string) => network.includes(':')

/** Name servers: pods, or the cache of the node. */
function dns(): Rules[number] {
  const to = [{ namespaceSelector: {} }, { ipBlock: { cidr: NODE_LOCAL_DNS } }]
  return {
    to,
    ports: [
      { port: 53, protocol: 'UDP' },
      { port: 53, protocol: 'TCP' },
    ],
  }
}

/** Every pod of these namespaces. Some network plugins do not match pods by address, so they are named. */
const pods = (namespaces: readonly string[]): Rules =>
  namespaces.map((name) => ({
    to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } }],
  }))

function internet({ allow, deny }: EgressNetworks): Rules[number] {
  const except = (own: readonly string[], denied: readonly string[]) => [...new Set([...own, ...denied])]
  return {
    to: [
      {
        ipBlock: {
          cidr: '0.0.0.0/0',
          except: except(
            PRIVATE_NETWORKS.ipv4,
            deny.filter((each) => !isIpv6(each)),
          ),
        },
      },
      { ipBlock: { cidr: '::/0', except: except(PRIVATE_NETWORKS.ipv6, deny.filter(isIpv6)) } },
      ...allow.map((cidr) => ({ ipBlock: { cidr } })),
    ],
  }
}

/** One port of one address. */
export interface Endpoint {
  address: string
  port: number
}

const endpoint = ({ address, port }: Endpoint): Rules[number] => ({
  to: [{ ipBlock: { cidr: `${address}/${isIpv6(address) ? 128 : 32}` } }],
  ports: [{ port, protocol: 'TCP' }],
})

/**
 * Rules under which pods reach name servers, the named namespaces and endpoints, the internet, and of private networks those that the
 * operator allows. Whether a pod reaches the node it runs on is for the network plugin to say.
 * Reference: https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function egressRules(
  networks: EgressNetworks,
  named: { namespaces: readonly string[]; endpoints?: readonly Endpoint[] },
): Rules {
  return [dns(), ...pods(named.namespaces), ...(named.endpoints ?? []).map(endpoint), internet(networks)]
}
