import { expect, test } from 'vitest'
import { credentialsOf } from './registry-settings.ts'

test('credentials of a dockerconfigjson, by both of its forms; without a password there are none', () => {
  const auth = Buffer.from('ada:se:cret').toString('base64')
  const auths = {
    'registry.example.com:5000': { auth },
    'https://ghcr.io/v2/': { username: 'octo', password: 'p' },
    'helper.example.com': {},
  }
  expect(credentialsOf(JSON.stringify({ auths }))).toEqual([
    { host: 'registry.example.com:5000', username: 'ada', password: 'se:cret' },
    { host: 'ghcr.io', username: 'octo', password: 'p' },
  ])
  expect(credentialsOf(null)).toEqual([])
})
