import { describe, expect, test } from 'vitest'
import { referenceFault } from './reference-fault.ts'

const digest = 'a'.repeat(64)

describe('image references', () => {
  test.each([
    'nginx',
    'nginx:1.27',
    'library/nginx',
    'localhost/app',
    'localhost:5000/team/app:v1',
    'Registry.Example.com/app',
    'registry.example.com:5000/a/b/c_d--e__f.g:tag_-.1',
    `nginx@sha256:${digest}`,
    `nginx:1.27@sha256:${digest}`,
    '[::1]:5000/app',
  ])('%s is one', (text) => {
    expect(referenceFault(text)).toBeNull()
  })

  test.each([
    ['Nginx', 'invalid reference format: repository name (library/Nginx) must be lowercase'],
    ['team/App:v1', 'invalid reference format: repository name (team/App) must be lowercase'],
    [':sha-1234', 'invalid reference format'],
    ['https://registry.example.com/app', 'invalid reference format'],
    ['registry.example.com//app', 'invalid reference format'],
    ['app:', 'invalid reference format'],
    ['app:v1:v2', 'invalid reference format'],
    ['a..b', 'invalid reference format'],
    ['ghcr.io/{{ repository }}:latest', 'invalid reference format'],
    [digest, `invalid repository name (${digest}), cannot specify 64-byte hexadecimal strings`],
    [`app@sha256:${'a'.repeat(40)}`, 'invalid checksum digest length'],
    [`app@md5:${'a'.repeat(32)}`, 'unsupported digest algorithm'],
    ['a'.repeat(256), 'repository name must not be more than 255 characters'],
  ])('%s is none', (text, fault) => {
    expect(referenceFault(text)).toBe(fault)
  })
})
