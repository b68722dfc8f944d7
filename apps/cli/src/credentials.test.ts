import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { credentialsPath, readCredentials, writeCredentials } from './credentials.ts'

let directory = ''
beforeEach(async () => {
  directory = path.join(await mkdtemp(path.join(tmpdir(), 'slipway-cli-')), 'slipway')
})
afterEach(() => rm(path.dirname(directory), { recursive: true }))

const mode = async (name: string) => ((await stat(name)).mode & 0o777).toString(8)
const some = { current: 'http://a', installations: { 'http://a': { token: 'slp_1', tokenId: null, email: 'a@b.c' } } }

describe('credentials', () => {
  it('are none before the first sign-in', async () => {
    expect(await readCredentials(directory)).toEqual({ current: null, installations: {} })
  })

  it('are kept where only this user can read them, and nothing else is left behind', async () => {
    await writeCredentials(directory, some)
    expect(await readCredentials(directory)).toEqual(some)
    expect([await mode(directory), await mode(credentialsPath(directory))]).toEqual(['700', '600'])
    expect(await readdir(directory)).toEqual(['credentials.json'])
  })

  it('are closed to others when someone has opened them', async () => {
    await writeCredentials(directory, some)
    await chmod(credentialsPath(directory), 0o644)
    await readCredentials(directory)
    expect(await mode(credentialsPath(directory))).toBe('600')
  })

  it('that cannot be understood are said to be', async () => {
    await writeCredentials(directory, some)
    for (const text of ['{', '[]', '{"current":1}']) {
      await writeFile(credentialsPath(directory), text)
      await expect(readCredentials(directory)).rejects.toThrow(/Delete it and sign in again/)
    }
  })
})
