import type { ProcessView } from '@slipway/domain'
import { expect, test } from 'vitest'
import { edit, invalidValues } from './scale-draft.ts'

const web = { name: 'web', instances: 2, cpuMillis: 100, memoryMiB: 256 } as ProcessView

test('a value out of range stays in the draft and says its range', () => {
  const draft = edit({}, web, { instances: 101, cpuMillis: Number.NaN, memoryMiB: 256 })
  expect(draft).toEqual({ web: { instances: 101, cpuMillis: Number.NaN, memoryMiB: 256 } })
  expect(invalidValues(draft)).toEqual(['web takes 10m CPU to 64000m CPU.', 'web takes 0 instances to 100 instances.'])
  expect(invalidValues(edit({}, web, { instances: 3, cpuMillis: 100, memoryMiB: 256 }))).toEqual([])
})

test('a draft that says what is there already is none', () => {
  expect(edit(edit({}, web, { ...web, instances: 5 }), web, web)).toEqual({})
})
