import { expect, test } from 'vitest'
import { refuseLater } from './refuse-later.ts'

test('a refusal waits, but not those beyond what is held', async () => {
  const done: number[] = []
  const all = Array.from({ length: 1002 }, (_, n) => refuseLater().then(() => done.push(n)))
  await new Promise((resolve) => setImmediate(resolve))
  expect(done).toEqual([1000, 1001])
  await Promise.all(all)
  expect(done).toHaveLength(1002)
})
