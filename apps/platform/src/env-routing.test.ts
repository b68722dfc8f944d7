import { expect, test } from 'vitest'
import { appsSchemeOf, asksForCertificates, NO_ROUTING } from './env-routing.ts'

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
