import { createTestDatabase, type TestDatabase } from '@slipway/db/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../server/logger.ts'
import { waitFor } from '../testing/wait.ts'
import { type Leader, runForLeader } from './leader.ts'

let database: TestDatabase
const leaders: Leader[] = []
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => {
  await Promise.all(leaders.map((each) => each.stop()))
  await database?.stop()
})

test('of several one leads; when its session ends another follows, and never two at a time', async () => {
  let leading = 0
  let most = 0
  const candidate = () => {
    const leader = runForLeader({
      databaseUrl: database.url,
      logger: createLogger('silent'),
      async lead(lost) {
        // On a busy machine one turn of the loop brings the lock of this session and the end of the one before.
        await new Promise(setImmediate)
        most = Math.max(most, ++leading)
        await new Promise<void>((resolve) => lost.addEventListener('abort', () => resolve(), { once: true }))
        leading--
      },
    })
    leaders.push(leader)
    return leader
  }
  const all = [candidate(), candidate(), candidate()]
  const first = await waitFor('a leader', async () => all.find((each) => each.isLeading()))
  for (let round = 0; round < 3; round++) {
    const before = all.reduce((sum, each) => sum + each.stats().terms, 0)
    // As when the leader's process is killed, or its connection is cut.
    await database.db.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
    await waitFor(
      'the next leader',
      async () => all.reduce((sum, each) => sum + each.stats().terms, 0) > before && leading === 1,
    )
  }
  expect(most).toBe(1)
  await first.stop()
  await waitFor('a leader after one has stopped', async () => all.some((each) => each !== first && each.isLeading()))
})
