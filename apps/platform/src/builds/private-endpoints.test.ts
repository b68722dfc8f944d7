import { expect, test } from 'vitest'
import { privateEndpoints } from './private-endpoints.ts'

const places = { clusterKind: 'kubernetes', registryPushUrl: null, baseImages: {} } as const

test('private addresses of the platform, the registry and base images are named, each with its port', async () => {
  const baseImages = {
    node: '10.0.0.6:5000/base/node:{version}',
    go: '10.0.0.6:5000/base/debian:12',
    php: 'http://10.0.0.7/base/php',
    ruby: 'docker/ruby:3.4',
  }
  expect(
    await privateEndpoints({ ...places, registryPushUrl: 'https://192.168.1.2', baseImages }, 'http://10.0.0.5:3900'),
  ).toEqual([
    { address: '10.0.0.5', port: 3900 },
    { address: '10.0.0.6', port: 5000 },
    { address: '10.0.0.7', port: 80 },
    { address: '192.168.1.2', port: 443 },
  ])
  expect(await privateEndpoints(places, 'http://[fd00::5]:3900')).toEqual([{ address: 'fd00::5', port: 3900 }])
})

test('public addresses, loopback and names that nobody knows are not', async () => {
  const registryPushUrl = 'https://203.0.113.7'
  expect(await privateEndpoints({ ...places, registryPushUrl }, 'http://127.0.0.1:3001')).toEqual([])
  expect(await privateEndpoints(places, 'http://localhost:3001')).toEqual([])
  expect(await privateEndpoints(places, 'http://nobody.invalid')).toEqual([])
})

test('the local cluster enforces none', async () => {
  expect(await privateEndpoints({ ...places, clusterKind: 'local' }, 'http://10.0.0.5:3900')).toEqual([])
})
