import { isAppError } from '@slipway/domain'
import { describe, expect, it } from 'vitest'
import { checkImageAccess } from './image-access.ts'

const embedded = { registry: 'registry.slipway.internal', registryPushUrl: 'http://127.0.0.1:41234' }
const external = { registry: 'registry.example.com/slipway', registryPushUrl: 'https://push.example.com' }
const digest = `@sha256:${'0'.repeat(64)}`

function codeOf(config: typeof embedded | { registry: null; registryPushUrl: null }, image: string): string | null {
  try {
    checkImageAccess(config, 'acme', image)
    return null
  } catch (error) {
    return isAppError(error) ? error.code : String(error)
  }
}

describe('images that Slipway built', () => {
  it.each([
    'registry.slipway.internal/acme/shop-web:latest',
    `registry.slipway.internal/acme/shop-web${digest}`,
    '127.0.0.1:41234/acme/shop-web',
    'nginx',
    'nginx:1.29',
    'other/shop-web',
    'ghcr.io/other/shop-web:1',
    'localhost:5000/other/shop-web',
  ])('%s may be named by the team acme', (image) => expect(codeOf(embedded, image)).toBeNull())

  it.each([
    'registry.slipway.internal/other/shop-web:latest',
    `registry.slipway.internal/other/shop-web${digest}`,
    'Registry.Slipway.Internal/other/shop-web',
    'registry.slipway.internal./other/shop-web',
    'registry.slipway.internal:80/other/shop-web',
    'registry.slipway.internal/acme-other/shop-web',
    'registry.slipway.internal/acme',
    '127.0.0.1:41234/other/shop-web',
    'localhost:41234/other/shop-web',
    '2130706433:41234/other/shop-web',
    '127.0.0.1.nip.io:41234/other/shop-web',
  ])('%s may not', (image) => expect(codeOf(embedded, image)).toBe('forbidden'))

  it('are told apart from others in the same registry by the prefix', () => {
    expect(codeOf(external, 'registry.example.com/slipway/acme/shop-web')).toBeNull()
    expect(codeOf(external, 'registry.example.com/mirror/nginx')).toBeNull()
    expect(codeOf(external, 'registry.example.com/slipway/other/shop-web')).toBe('forbidden')
    expect(codeOf(external, 'registry.example.com:443/slipway/other/shop-web')).toBe('forbidden')
    expect(codeOf(external, 'push.example.com/slipway/other/shop-web')).toBe('forbidden')
  })

  it('are known by the port where nodes reach the registry by one of their own', () => {
    const onNodes = {
      registry: 'localhost:30500/slipway',
      registryPushUrl: 'http://slipway-registry.slipway-system:5000',
    }
    expect(codeOf(onNodes, 'localhost:30500/slipway/acme/shop-web')).toBeNull()
    expect(codeOf(onNodes, 'localhost:30501/slipway/other/shop-web')).toBeNull()
    for (const host of [
      'localhost:30500',
      '127.0.0.1:30500',
      '192.0.2.7:30500',
      'LocalHost:30500',
      '[::1]:30500',
      'slipway-registry.slipway-system:5000',
    ])
      for (const name of [
        `slipway/other/shop-web${digest}`,
        'slipway/other/shop-web:v1',
        'slipway/slipway.base/layers',
      ])
        expect(codeOf(onNodes, `${host}/${name}`), `${host}/${name}`).toBe('forbidden')
  })

  it('are kept even where no registry is configured any more', () => {
    const none = { registry: null, registryPushUrl: null }
    expect(codeOf(none, 'registry.slipway.internal/other/shop-web')).toBe('forbidden')
    expect(codeOf(none, 'registry.example.com/other/shop-web')).toBeNull()
  })
})
