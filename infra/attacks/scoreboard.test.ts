import { expect, test } from 'vitest'
import { drawScoreboard } from './scoreboard.ts'

const ATTACK = { what: 'Doors', tests: { 'a.test.ts': /door/, 'b.test.ts': null } }
const KILL = { what: 'The lights', tests: { 'c.test.ts': null } }
const run = (file: string, name: string, passed = true, figure: string | null = null) => ({
  file,
  name,
  passed,
  figure,
})
const LOAD = {
  what: 'p95 of a call while it rains',
  unit: 'ms' as const,
  samples: [30],
  baseline: 'dry',
  baselineSamples: [20],
}

test('counts what was tried and held, and shows what kills cost', () => {
  const runs = [
    run('a.test.ts', 'a door'),
    run('a.test.ts', 'a window'),
    run('b.test.ts', 'anything'),
    run('c.test.ts', 'off', true, 'back after 2.0 s'),
  ]
  const { text, failed } = drawScoreboard([ATTACK], [KILL], runs, [LOAD])
  expect(failed).toEqual([])
  expect(text).toContain('| Doors | 2 | 2 | `a.test.ts`, `b.test.ts` |')
  expect(text).toContain('| The lights | 1 of 1 | back after 2.0 s |')
  expect(text).toContain('| p95 of a call while it rains | 30 ms | 20 ms | 1.50× |')
})

test('a test that failed, and a kind that nothing tried, are named', () => {
  const { text, failed } = drawScoreboard([ATTACK], [KILL], [run('a.test.ts', 'a door', false)], [])
  expect(text).toContain('| Doors | 1 | 0 |')
  expect(failed).toEqual(['Doors: no test of b.test.ts ran', 'Doors: a door', 'The lights: no test of c.test.ts ran'])
})
