import { AppError, releaseWord } from '@slipway/domain'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { applyConfig, cancelRelease, deployImage, rollback } from './release-changes.ts'
import { observeRelease } from './releases.ts'
import { createAppAt, createPlace, type Place } from './testing/fixture.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'

let database: TestDatabase
let place: Place
beforeAll(async () => {
  database = await createTestDatabase()
  place = await createPlace(database.db, 'acme')
})
afterAll(() => database.stop())

type Step =
  | { do: 'deploy' | 'config' | 'cancel' }
  | { do: 'rollback'; to: number }
  | { do: 'observe'; status: 'rolling_out' | 'failed' | 'live'; stale: boolean }

const HISTORIES = 25
const STEPS = 14

/** Numbers from 0 to below 1 that are the same for the same seed (a linear congruential generator). */
function randomOf(seed: number): () => number {
  let state = seed * 7919
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function stepOf(random: () => number): Step {
  const choose = <T>(...choices: readonly [T, ...T[]]): T =>
    choices[Math.floor(random() * choices.length)] ?? choices[0]
  return choose<() => Step>(
    () => ({ do: choose('deploy', 'config', 'cancel') }),
    () => ({ do: 'rollback', to: 1 + Math.floor(random() * 6) }),
    () => ({ do: 'observe', status: choose('rolling_out', 'failed', 'live', 'live'), stale: random() < 0.3 }),
  )()
}

/** One step; what is refused in words is part of a history, too. */
async function take(appId: string, at: number, each: Step): Promise<void> {
  const { db } = database
  const { actor } = place
  const { currentReleaseNumber: current } = await db.client.app.findUniqueOrThrow({ where: { id: appId } })
  const now = new Date(Date.UTC(2026, 10, 29, 12, 0, at))
  try {
    switch (each.do) {
      case 'deploy':
        await deployImage(db, { appId, image: `nginx:1.${at}`, actor })
        return
      case 'config':
        await applyConfig(db, { appId, set: { STEP: String(at) }, unset: [], actor })
        return
      case 'cancel':
        if (current !== null) await cancelRelease(db, { appId, number: current, actor, now: new Date() })
        return
      case 'rollback':
        await rollback(db, { appId, number: each.to, actor })
        return
      case 'observe': {
        // A controller that has not heard of the newest release yet speaks of the one before.
        const number = (current ?? 0) - (each.stale ? 1 : 0)
        if (number > 0) await observeRelease(db, { appId, number, status: each.status, message: null, now })
      }
    }
  } catch (error) {
    if (!(error instanceof AppError) || !['conflict', 'not_found'].includes(error.code)) throw error
  }
}

test('14 Status: in no history do two releases read as current', { timeout: 240_000 }, async () => {
  const { db } = database
  for (let seed = 1; seed <= HISTORIES; seed += 1) {
    const random = randomOf(seed)
    const appId = await createAppAt(db, place, `history-${seed}`)
    for (let at = 0; at < STEPS; at += 1) {
      const step = stepOf(random)
      await take(appId, at, step)
      const { currentReleaseNumber: current } = await db.client.app.findUniqueOrThrow({ where: { id: appId } })
      const rows = await db.client.release.findMany({ where: { appId }, select: { number: true, status: true } })
      const numbersOf = (word: string) =>
        rows.filter(({ status }) => releaseWord(status) === word).map(({ number }) => number)
      const where = `history ${seed}, step ${at}: ${JSON.stringify(step)}`
      expect(numbersOf('Live').length, where).toBeLessThanOrEqual(1)
      for (const number of numbersOf('Rolling out')) expect(number, where).toBe(current)
      // The wanted release is on its way, live, or failed: it is never called replaced or cancelled.
      const wanted = rows.find(({ number }) => number === current)
      if (wanted) expect(['Rolling out', 'Live', 'Failed'], where).toContain(releaseWord(wanted.status))
    }
  }
})
