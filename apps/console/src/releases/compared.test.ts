import { expect, test } from 'vitest'
import { comparedWith, formatCompared, parseCompared } from './compared.ts'

test.each([
  ['v3..v7', { from: 3, to: 7 }],
  ['v7..v3', { from: 7, to: 3 }],
  ['', null],
  ['3..7', null],
  ['v3...v7', null],
  ['v0..v7', null],
])('the address says which releases are compared: %s', (text, compared) => {
  expect(parseCompared(text)).toEqual(compared)
  if (compared) expect(formatCompared(compared)).toBe(text)
})

test('a release is compared with what runs, and that with the one before it', () => {
  expect(comparedWith(3, 7)).toEqual({ from: 3, to: 7 })
  expect(comparedWith(9, 7)).toEqual({ from: 9, to: 7 })
  expect(comparedWith(7, 7)).toEqual({ from: 6, to: 7 })
  expect(comparedWith(1, 1)).toBeNull()
  expect(comparedWith(2, null)).toEqual({ from: 1, to: 2 })
})
