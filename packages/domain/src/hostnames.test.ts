import { expect, test } from 'vitest'
import { hostnameProblem } from './hostnames.ts'
import { hostnameSchema } from './names.ts'

test.each([
  '10.0.0.1', '127.0.0.1', '255.255.255.255', '1.2.3', '0x7f.1', '0x7f.0x0.0x0.0x1', '2130706433', '017700000001', '1.0x', 'a.1', '::1',
  '[::1]', 'fe80::1', '::ffff:10.0.0.1', '1.2.3.4.', '*.example.com', 'a.*.com', '*', 'example.com:80', 'http://example.com', 'localhost',
  'exa mple.com', '-a.example.com', 'a_b.example.com', 'a..example.com', `${'a'.repeat(64)}.com`, 'a.b%00.com', 'а.example.com',
])('%j is no host name of an app', (hostname) => {
  expect(hostnameSchema.safeParse(hostname).success).toBe(false)
}) // biome-ignore format: one list

test('an address is refused as such', () => {
  expect(hostnameSchema.safeParse('10.0.0.1').error?.issues[0]?.message).toMatch(/not an IP address/)
  expect(hostnameSchema.safeParse('0x7f.1').error?.issues[0]?.message).toMatch(/not an IP address/)
})

test.each(['shop.example.com', 'Shop.Example.COM', 'xn--80ak6aa92e.com', '1.2.3.4.nip.io', '0x7f.example.com', '4.co'])(
  '%j is a host name',
  (hostname) => {
    expect(hostnameSchema.parse(hostname)).toBe(hostname.toLowerCase())
  },
)

const cloud = { publicHost: 'paas.example.com', otherHosts: ['registry.example.com'], appsDomain: 'apps.example.com' }
const laptop = { publicHost: 'localhost', otherHosts: [], appsDomain: 'localhost' }

test.each([
  ['paas.example.com', /own address/],
  ['registry.example.com', /own address/],
  ['x.paas.example.com', /cookies/],
  ['apps.example.com', /assigned by Slipway/],
  ['shop.apps.example.com', /assigned by Slipway/],
  ['web.shop-production.apps.example.com', /assigned by Slipway/],
  ['evil.web.shop-production.apps.example.com', /assigned by Slipway/],
  ['shop.slipway.svc.cluster.local', /internal network/],
  ['kubernetes.default.svc', /internal network/],
  ['metadata.google.internal', /internal network/],
  ['printer.local', /internal network/],
  ['1.0.0.127.in-addr.arpa', /internal network/],
])('on a cluster %s is refused', (hostname, problem) => {
  expect(hostnameProblem(hostname, cloud)).toMatch(problem)
})

test('names of others are taken as they are', () => {
  for (const hostname of ['example.com', 'shop.example.com', 'notapps.example.com', 'apps.example.com.evil.com']) {
    expect(hostnameProblem(hostname, cloud), hostname).toBeNull()
  }
})

test('on a laptop a short name below localhost can be had, and none that is, or is above, a generated one', () => {
  expect(hostnameProblem('shop.localhost', laptop)).toBeNull()
  for (const hostname of ['shop-production.localhost', 'web.shop-production.localhost', 'a.shop.localhost']) {
    expect(hostnameProblem(hostname, laptop), hostname).toMatch(/assigned by Slipway/)
  }
})
