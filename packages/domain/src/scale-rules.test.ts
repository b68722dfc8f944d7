import { expect, test } from 'vitest'
import { nextRule, ruleInForce, type ScaleRule, scaleRuleSchema, scalingSentence } from './scale-rules.ts'

const timeZone = 'Europe/Berlin'
const UP: ScaleRule = { cron: '0 8 * * 1-5', timeZone, instances: 5 }
const DOWN: ScaleRule = { cron: '0 20 * * 1-5', timeZone, instances: 1 }
const RULES = [UP, DOWN]
const noon = Date.parse('2026-11-30T11:00:00Z')
const sunday = Date.parse('2026-11-29T11:00:00Z')

test('the rule that came last is in force, over a weekend and a change of the clock too', () => {
  expect(ruleInForce(RULES, noon)).toEqual({ rule: UP, atMs: Date.parse('2026-11-30T07:00:00Z') })
  expect(ruleInForce(RULES, sunday)).toEqual({ rule: DOWN, atMs: Date.parse('2026-11-27T19:00:00Z') })
  expect(ruleInForce(RULES, Date.parse('2026-10-25T12:00:00Z'))?.atMs).toBe(Date.parse('2026-10-23T18:00:00Z'))
  expect(nextRule(RULES, noon)).toEqual({ rule: DOWN, atMs: Date.parse('2026-11-30T19:00:00Z') })
  expect([ruleInForce([], noon), nextRule([], noon)]).toEqual([null, null])
})

test('of two rules at the same moment the later one in the list counts', () => {
  const [one, two] = [UP, { ...UP, cron: '0 8 30 11 *', instances: 9 }]
  expect(ruleInForce([one, two], noon)?.rule.instances).toBe(9)
  expect(ruleInForce([two, one], noon)?.rule.instances).toBe(5)
  expect(nextRule([one, two], sunday)?.rule.instances).toBe(9)
})

test('one sentence says who decides and what comes next', () => {
  const say = (instances: number, scaleRules: ScaleRule[], scaleProblem: string | null = null) =>
    scalingSentence({ instances, scaleRules, scaleProblem }, noon)
  expect(say(2, [])).toBe('Scaled by hand: 2 instances until somebody changes it.')
  expect(say(5, RULES)).toBe(
    'Scaled by schedule: 5 instances since Mon 30 Nov 08:00 (Europe/Berlin). 1 instance from Mon 30 Nov 20:00 (Europe/Berlin).',
  )
  expect(say(3, RULES)).toBe(
    'Scaled by hand: 3 instances. The schedule takes over with 1 instance from Mon 30 Nov 20:00 (Europe/Berlin).',
  )
  expect(say(1, RULES, 'Over quota.')).toMatch(
    /^The schedule wants 5 instances since .* and cannot have them\. 1 instance/,
  )
})

test('a count out of range is refused', () => {
  const words = (instances: number) => scaleRuleSchema.safeParse({ ...UP, instances }).error?.issues[0]?.message
  expect(words(101)).toBe('At most 100 instances.')
  expect(words(0)).toBeUndefined()
})
