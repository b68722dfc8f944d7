import { mkdir, mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeWorkDir } from './work-dir.ts'

test('builds work on the file system of their cache, and what a killed one left goes after a day', async () => {
  const cacheDir = await mkdtemp(path.join(tmpdir(), 'slipway-work-'))
  onTestFinished(() => rm(cacheDir, { recursive: true }))
  const [old, beside] = [await makeWorkDir(cacheDir), await makeWorkDir(cacheDir)]
  await mkdir(path.join(old, 'node_modules'))
  const yesterday = Date.now() / 1000 - 25 * 3600
  await utimes(old, yesterday, yesterday)
  const dir = await makeWorkDir(cacheDir)
  expect(await readdir(dir)).toEqual([])
  expect((await readdir(path.dirname(dir))).sort()).toEqual([beside, dir].map((each) => path.basename(each)).sort())
  expect((await stat(dir)).dev).toBe((await stat(cacheDir)).dev)
})
