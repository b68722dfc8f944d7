import { expect, it } from 'vitest'
import { goDuration } from './times.ts'

it.each([
  [0, '0s'],
  [1, '1ms'],
  [999.9, '999ms'],
  [1000, '1s'],
  [1234, '1.234s'],
  [10_000, '10s'],
  [61_500, '1m1.5s'],
  [300_000, '5m0s'],
  [3_600_000, '1h0m0s'],
])('%s ms is %s in Go', (ms, text) => expect(goDuration(ms)).toBe(text))
