import { expect, test } from 'vitest'
import { z } from 'zod'
import { appsSchemeOf, asksForCertificates, NO_ROUTING, routingSettings, routingVariables } from './env-routing.ts'

const settings = {
  ...NO_ROUTING,
  clusterKind: 'kubernetes' as const,
  appsScheme: null,
  ingressClass: 'nginx',
  clusterIssuer: 'letsencrypt',
}

test('apps have certificates, and with them https, where an Ingress names an issuer', () => {
  expect(asksForCertificates(settings)).toBe(true)
  expect(appsSchemeOf(settings)).toBe('https')
  expect(appsSchemeOf({ ...settings, appsScheme: 'http' })).toBe('http')
})

test.each([
  ['without an issuer', { clusterIssuer: null }],
  ['without an Ingress', { ingressClass: null }],
  ['behind a Gateway, which has its own', { gateway: { namespace: 'gateway', name: 'public' } }],
  ['on the local cluster', { clusterKind: 'local' as const }],
])('none are asked for %s', (_, change) => {
  expect(asksForCertificates({ ...settings, ...change })).toBe(false)
  expect(appsSchemeOf({ ...settings, ...change })).toBeNull()
})

test('networks for egress are lists of CIDR blocks; anything else is refused', () => {
  const schema = z.object(routingVariables)
  expect(routingSettings(schema.parse({})).egress).toEqual({ allow: [], deny: [] })
  const set = { SLIPWAY_EGRESS_ALLOW: '10.20.0.0/16, fd12::/64', SLIPWAY_EGRESS_DENY: '203.0.113.7/32' }
  expect(routingSettings(schema.parse(set)).egress).toEqual({
    allow: ['10.20.0.0/16', 'fd12::/64'],
    deny: ['203.0.113.7/32'],
  })
  for (const wrong of ['10.0.0.1', '10.0.0.0/33', 'db.example.com', '10.0.0.0/8;'])
    expect(() => schema.parse({ SLIPWAY_EGRESS_ALLOW: wrong })).toThrow('must be a list of CIDR blocks')
})
