import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createRepository } from '../../e2e/support/git.ts'
import { freePort } from '../../e2e/support/installation.ts'
import { type Deployed, untilAnswers } from './deployed.ts'
import { leftover } from './leftovers.ts'
import { end, run } from './programs.ts'
import type { Row } from './row.ts'

const RUNS = 3

/** Push to first 200: once with empty package caches, then new versions of the same app. */
export async function benchPush(deployed: Deployed, note: (text: string) => void): Promise<Row[]> {
  const byHand = await deployByHand()
  try {
    const [firstBase = Number.NaN] = [await byHand.push()]
    const samples: number[] = []
    const base: number[] = []
    for (let index = 1; index <= RUNS; index += 1) {
      note(`push ${index} of ${RUNS}`)
      samples.push(await deployed.push())
      base.push(await byHand.push())
    }
    const baseline = 'by hand: git push to a bare file repository, clone, npm install, node, first 200'
    return [
      {
        what: 'push → first 200, first push, caches empty',
        unit: 'ms',
        samples: [deployed.firstPushMs],
        baseline,
        baselineSamples: [firstBase],
      },
      { what: 'push → first 200 of the new version', unit: 'ms', samples, baseline, baselineSamples: base },
    ]
  } finally {
    await byHand.remove()
  }
}

/** What one would do without a platform: the same tree, the same npm, a package cache of its own. */
async function deployByHand(): Promise<{ push(): Promise<number>; remove(): Promise<void> }> {
  const dir = await mkdtemp(path.join(tmpdir(), 'slipway-bench-hand-'))
  const repository = await createRepository(path.join(import.meta.dirname, 'app'))
  const bare = path.join(dir, 'app.git')
  await run('git', ['init', '--quiet', '--bare', '-b', 'main', bare])
  let version = 0
  let serving: ChildProcess | undefined
  return {
    async push() {
      version += 1
      repository.write({ 'version.txt': `${version}\n` })
      await repository.commit(`Version ${version}`)
      const port = await freePort()
      const work = path.join(dir, `v${version}`)
      const startedAt = performance.now()
      const pushed = await repository.push(bare)
      if (pushed.code !== 0) throw new Error(pushed.output)
      await run('git', ['clone', '--quiet', bare, work])
      await run('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', `--cache=${path.join(dir, 'cache')}`], {
        cwd: work,
      })
      const next = spawn(process.execPath, ['server.js'], {
        cwd: work,
        env: { ...process.env, PORT: String(port) },
        stdio: 'ignore',
      })
      const previous = serving
      serving = next
      await untilAnswers(`http://127.0.0.1:${port}/`, `version ${version}`)
      const tookMs = performance.now() - startedAt
      if (previous) await end(previous)
      return tookMs
    },
    remove: leftover(async () => {
      if (serving) await end(serving)
      repository.remove()
      await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    }),
  }
}
