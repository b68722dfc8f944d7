import { expect, test } from 'vitest'
import { splitRepositoryAddress } from './repository-address.ts'

const TOKEN = 'ghp_0123456789abcdefghij'
test.each([
  ['https://github.com/a/b.git', 'https://github.com/a/b.git', null],
  ['https://ada:hush@git.example/a/b', 'https://git.example/a/b', { user: 'ada', token: 'hush' }],
  ['https://ada:h%40sh%3A@git.example:8443/a', 'https://git.example:8443/a', { user: 'ada', token: 'h@sh:' }],
  ['http://:hush@git.example/a', 'http://git.example/a', { user: null, token: 'hush' }],
  [`https://${TOKEN}@github.com/a/b`, 'https://github.com/a/b', { user: null, token: TOKEN }],
  [`https://${TOKEN}:x-oauth-basic@github.com/a/b`, 'https://github.com/a/b', { user: null, token: TOKEN }],
  ['https://git@github.com/a/b', 'https://github.com/a/b', null],
  ['https://a:100%@git.example/a', 'https://git.example/a', { user: 'a', token: '100%' }],
  ['git@github.com:a/b.git', 'git@github.com:a/b.git', null],
  ['not an address', 'not an address', null],
])('%s', (address, url, credentials) => expect(splitRepositoryAddress(address)).toEqual({ url, credentials }))
