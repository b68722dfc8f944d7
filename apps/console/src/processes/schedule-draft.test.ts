import { describe, expect, it } from 'vitest'
import { draftOf, errorsOf, isSameSchedule, newRule, peakOf, rulesOf, workDays } from './schedule-draft.ts'

const RULE = { cron: '0 8 * * 1-5', timeZone: 'Europe/Berlin', instances: 5 }

describe('a schedule that is edited', () => {
  it('is the same again without ids', () => {
    const draft = draftOf([RULE])
    expect(rulesOf(draft)).toEqual([RULE])
    expect(isSameSchedule(draft, [RULE])).toBe(true)
    expect(isSameSchedule([...draft, newRule(draft, { instances: 2 })], [RULE])).toBe(false)
    expect(peakOf(draft)).toBe(5)
    expect(peakOf([])).toBe(0)
  })

  it('begins with the time zone of the last rule', () => {
    expect(newRule(draftOf([RULE]), { instances: 2 })).toMatchObject({ timeZone: 'Europe/Berlin', instances: 2 })
    expect(workDays({ instances: 0 }).map(({ instances }) => instances)).toEqual([2, 1])
  })

  it('says of each field what is wrong', () => {
    const [first, second, third] = draftOf([RULE, RULE, { cron: 'noon', timeZone: 'Mars', instances: Number.NaN }])
    if (!first || !second || !third) throw new Error('three rules')
    const all = [first, second, third]
    expect(errorsOf(first, all)).toEqual({})
    expect(errorsOf(second, all)).toEqual({ cron: 'Another rule has the same time.' })
    expect(errorsOf(third, all)).toEqual({
      cron: expect.stringContaining('not a cron expression'),
      timeZone: expect.stringContaining('IANA'),
      instances: expect.any(String),
    })
  })
})
