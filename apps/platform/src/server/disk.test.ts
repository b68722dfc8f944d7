import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DISK_FULL } from '@slipway/domain'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../testing/wait.ts'
import { type LonePlatform, startWithoutCluster } from '../testing/without-cluster.ts'

/** As root a disk of its own, which the test fills; others may mount nothing. */
const isRoot = process.getuid?.() === 0

describe.skipIf(!isRoot)('disk full', () => {
  let dir = ''
  let platform: LonePlatform
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'slipway-full-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'slipway', dir])
    platform = await startWithoutCluster({ stateDir: dir })
  })
  afterAll(async () => {
    await platform?.stop()
    execFileSync('umount', ['--lazy', dir])
    rmSync(dir, { recursive: true })
  })
  const readiness = async () => {
    const answer = await fetch(`${platform.url}/readyz`)
    return { status: answer.status, text: await answer.text() }
  }
  const problem = async () => (await platform.api(null).setup.status.query()).problem

  test('is said by /readyz and the API while it lasts; reading and what runs go on, and it is taken back', async () => {
    expect(await problem()).toBeNull()
    const ref = { team: 'acme', project: 'shop', environment: 'production', app: 'web' }
    await platform.api().app.create.mutate({ ...ref, source: { kind: 'git' } })
    writeFileSync(join(dir, 'filler'), Buffer.alloc(48 * 1024 * 1024))
    await waitFor('the full disk to be said', async () => (await problem()) === DISK_FULL)
    const full = await waitFor('readiness to say it', async () => {
      const { status, text } = await readiness()
      return text.includes('The disk is full') && status
    })
    expect(full).toBe(200)
    expect((await platform.api().app.get.query(ref)).ref).toEqual(ref)
    rmSync(join(dir, 'filler'))
    await waitFor('it to be taken back', async () => (await problem()) === null)
    expect((await readiness()).text).toContain('"disk":"ok"')
  })
})
