import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseReference } from '../reference.ts'
import { findInCatalogue } from './catalogue.ts'

const path = process.env.PATH ?? '/usr/bin:/bin'
const find = (reference: string) => findInCatalogue(parseReference(reference), path)

test.each(['node', 'node:22', 'docker.io/library/node:22-alpine', `node@sha256:${'a'.repeat(64)}`])(
  '%s is the Node of this machine',
  (reference) => {
    expect(find(reference)).toMatchObject({ image: { rootDir: '/', config: { Cmd: ['node'] } } })
  },
)

test.each(['acme/node', 'ghcr.io/library/node', 'nodejs', 'registry.slipway.internal/node'])(
  '%s is not in the catalogue',
  (reference) => {
    expect(find(reference)).toBeNull()
  },
)

test('a program that is not installed: how to get it', () => {
  const empty = mkdtempSync(join(tmpdir(), 'slipway-path-'))
  try {
    expect(findInCatalogue(parseReference('redis:7'), empty)).toEqual({
      missing:
        'the local cluster runs redis as this machine\'s own redis-server, which is not installed: on Debian and Ubuntu "apt install redis-server", on macOS "brew install redis", then the image is tried again by itself',
    })
  } finally {
    rmSync(empty, { recursive: true, force: true })
  }
})
