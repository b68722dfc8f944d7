import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRepository } from '../../e2e/support/git.ts'
import { openTarget } from '../../e2e/support/target.ts'
import { leftover } from './leftovers.ts'
import type { Row } from './row.ts'

const RUNS = 3
const GOAL_MS = 10_000
const POLL_MS = 50
const PUSH_TIMEOUT_MS = 600_000
const APP = 'bench'

/**
 * Push to first 200 on the target of e2e/, which is the cluster of KUBECONFIG with `--kubeconfig`. The first push pulls the
 * builder and the base image, so it counts apart.
 */
export async function benchClusterPush(note: (text: string) => void): Promise<Row[]> {
  note('an installation with a team and a project of its own')
  const target = await openTarget()
  const repository = await createRepository(path.join(import.meta.dirname, 'app'))
  const remove = leftover(async () => {
    repository.remove()
    try {
      const left = await target.clear()
      if (left.length > 0) note(`still there: ${left.join(', ')}`)
    } finally {
      await target.close()
    }
  })
  let version = 0
  const push = async () => {
    version += 1
    const text = `version ${version}`
    note(`push ${version} of ${RUNS + 1}`)
    repository.write({ 'version.txt': `${version}\n` })
    await repository.commit(text)
    const deadline = Date.now() + PUSH_TIMEOUT_MS
    const startedAt = performance.now()
    const pushed = target.push(APP, repository).then(({ code, output }) => {
      if (code !== 0) throw new Error(`the push failed:\n${output}`)
    })
    const answered = async () => {
      while (Date.now() < deadline) {
        const answer = await target.fetch(APP).catch(() => null)
        if (answer?.status === 200 && answer.body === text) return performance.now() - startedAt
        await sleep(POLL_MS)
      }
      throw new Error(`the app did not answer "${text}" within ${PUSH_TIMEOUT_MS / 1000} s`)
    }
    const [tookMs] = await Promise.all([answered(), pushed])
    return tookMs
  }
  try {
    const ref = target.refOf(APP)
    await target.api.app.create.mutate({ ...ref, source: { kind: 'git' } })
    await target.api.config.update.mutate({ ...ref, set: { HOST: '0.0.0.0' }, unset: [] })
    const first = await push()
    const samples: number[] = []
    for (let run = 0; run < RUNS; run += 1) samples.push(await push())
    const [baseline, baselineSamples] = ['the goal', [GOAL_MS]]
    const where = target.kind === 'cluster' ? 'on the cluster' : 'locally'
    return [
      {
        what: `push → first 200 ${where}, first push`,
        unit: 'ms',
        samples: [first],
        baseline: 'none',
        baselineSamples: [],
      },
      { what: `push → first 200 ${where}, new version`, unit: 'ms', samples, baseline, baselineSamples },
    ]
  } finally {
    await remove()
  }
}
