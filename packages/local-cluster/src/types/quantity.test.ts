import { describe, expect, test } from 'vitest'
import { addQuantities, compareQuantities, formatQuantity, parseQuantity } from './quantity.ts'

function canonical(text: string | number): string | null {
  const quantity = parseQuantity(text)
  return quantity === null ? null : formatQuantity(quantity)
}

describe('quantities', () => {
  // Expected values as `kubectl create --dry-run=server` shows them on a real cluster.
  test.each([
    ['0.5', '500m'],
    ['1000m', '1'],
    [0.1, '100m'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['512', '512'],
    ['1000', '1k'],
    ['1e3', '1e3'],
    ['123456', '123456'],
    ['0', '0'],
    ['0Mi', '0'],
    ['0.5Ki', '512'],
    ['100u', '100u'],
    ['1.0000000001', '1000000001n'],
    ['-500m', '-500m'],
    ['.5', '500m'],
    ['5.', '5'],
    ['2Ei', '2Ei'],
  ])('%s is stored as %s', (text, expected) => {
    expect(canonical(text)).toBe(expected)
  })

  test.each(['', 'abc', '1 Gi', '1gi', '1.2.3', '--1', '1e', 'Mi', '1e9999', `1${'0'.repeat(100)}`])(
    '%s is none',
    (text) => {
      expect(canonical(text)).toBeNull()
    },
  )

  test('sums keep the form of what they began with', () => {
    const sum = ['64Mi', '64Mi']
      .map((text) => parseQuantity(text))
      .reduce((total, quantity) => {
        if (total === null || quantity === null) throw new Error('not a quantity')
        return addQuantities(total, quantity)
      })
    expect(sum === null ? null : formatQuantity(sum)).toBe('128Mi')
  })

  test('compare by value, not by text', () => {
    const [a, b] = [parseQuantity('1'), parseQuantity('1000m')]
    if (a === null || b === null) throw new Error('not a quantity')
    expect(compareQuantities(a, b)).toBe(0)
  })
})
