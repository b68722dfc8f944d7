import { BlockList } from 'node:net'
import type { EgressNetworks } from '@slipway/domain'
import type { NetworkPolicyPeer } from 'kubernetes-types/networking/v1.d.ts'
import { describe, expect, it } from 'vitest'
import { egressRules } from './egress.ts'

const familyOf = (address: string) => (address.includes(':') ? 'ipv6' : 'ipv4')

function holds(network: string, address: string): boolean {
  const [base = '', bits] = network.split('/')
  const list = new BlockList()
  list.addSubnet(base, Number(bits), familyOf(base))
  return familyOf(base) === familyOf(address) && list.check(address, familyOf(address))
}

function admits({ ipBlock }: NetworkPolicyPeer, address: string): boolean {
  if (ipBlock === undefined) return false
  return holds(ipBlock.cidr, address) && !(ipBlock.except ?? []).some((each) => holds(each, address))
}

type Named = Parameters<typeof egressRules>[1]

/** What a network plugin makes of the rules for an address outside of the named namespaces. */
function reaches(address: string, port: number, networks: Partial<EgressNetworks> = {}, named: Partial<Named> = {}) {
  return egressRules({ allow: [], deny: [], ...networks }, { namespaces: [], ...named }).some(
    ({ to = [], ports }) =>
      (ports === undefined || ports.some((each) => each.port === port)) && to.some((peer) => admits(peer, address)),
  )
}

describe('egress', () => {
  it.each([
    ['metadata of AWS, Google and Azure', '169.254.169.254', 80],
    ['metadata of AWS over IPv6', 'fd00:ec2::254', 80],
    ['metadata of Alibaba', '100.100.100.200', 80],
    ['credentials of ECS tasks', '169.254.170.2', 80],
    ['an API server', '10.96.0.1', 443],
    ['a kubelet', '192.168.1.10', 10_250],
    ['a database in 172.16.0.0/12', '172.31.255.255', 5432],
    ['the cache of a name server, but for its port', '169.254.20.10', 80],
    ['a link-local neighbour', 'fe80::1', 443],
  ])('denies %s', (_, address, port) => {
    expect(reaches(address, port)).toBe(false)
  })

  it.each([
    ['a package registry', '104.16.1.1', 443],
    ['a mail server', '192.0.2.25', 587],
    ['a host over IPv6', '2606:4700::1', 443],
    ['the edge above 172.16.0.0/12', '172.32.0.1', 443],
    ['the cache of a name server', '169.254.20.10', 53],
  ])('allows %s', (_, address, port) => {
    expect(reaches(address, port)).toBe(true)
  })

  it('follows what the operator allows and denies', () => {
    const networks = { allow: ['10.20.0.0/16', 'fd12::/64'], deny: ['203.0.113.7/32', '2001:db8::/32'] }
    expect(reaches('10.20.1.1', 5432, networks)).toBe(true)
    expect(reaches('10.21.1.1', 5432, networks)).toBe(false)
    expect(reaches('fd12::1', 5432, networks)).toBe(true)
    expect(reaches('203.0.113.7', 6443, networks)).toBe(false)
    expect(reaches('203.0.113.8', 443, networks)).toBe(true)
    expect(reaches('2001:db8::1', 443, networks)).toBe(false)
  })

  it('opens one port of an address that a build needs', () => {
    const endpoints = [
      { address: '10.0.0.5', port: 5000 },
      { address: 'fd00::5', port: 443 },
    ]
    expect(reaches('10.0.0.5', 5000, {}, { endpoints })).toBe(true)
    expect(reaches('10.0.0.5', 6443, {}, { endpoints })).toBe(false)
    expect(reaches('fd00::5', 443, {}, { endpoints })).toBe(true)
  })
})
