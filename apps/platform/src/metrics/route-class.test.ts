import { expect, test } from 'vitest'
import { routeClassOf } from './route-class.ts'

test.each([
  ['/trpc/app.list?batch=1', 'api'],
  ['/trpc', 'api'],
  ['/git/acme/shop/production/web.git/info/refs?service=git-receive-pack', 'git'],
  ['/hooks/0b8f', 'hooks'],
  ['/internal/builds/1/source', 'internal'],
  ['/healthz', 'health'],
  ['/readyz', 'health'],
  ['/', 'pages'],
  ['/acme/shop', 'pages'],
  ['/trpcs', 'pages'],
  ['/constructor', 'pages'],
  ['/metrics', 'pages'],
  ['http://example.com/trpc', 'pages'],
  ['/%74rpc', 'pages'],
])('%s counts as %s', (url, route) => {
  expect(routeClassOf(url)).toBe(route)
})
