import { describe, expect, it } from 'vitest'
import { cpuQuantity, memoryQuantity, parseCpuMillis, parseMemoryMiB, parseQuantity } from './quantity.ts'

describe('Kubernetes quantities', () => {
  it.each([
    ['0', 0],
    ['2', 2],
    ['+2', 2],
    ['-1.5', -1.5],
    ['.5', 0.5],
    ['2.', 2],
    ['100m', 0.1],
    ['7n', 7e-9],
    ['3k', 3000],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['1E', 1e18],
    ['1Ei', 2 ** 60],
    ['1e3', 1000],
    ['12E-1', 1.2],
  ])('reads %s', (text, number) => {
    expect(parseQuantity(text)).toBeCloseTo(number, 12)
  })

  it.each(['', ' 1', '1 Gi', 'Gi', '1KB', '1K', '1mi', '.', '1e', '1e9999', '1.2.3', '0x10', 'NaN', 'Infinity', '--1'])(
    'reads nothing from %j',
    (text) => {
      expect([parseQuantity(text), parseCpuMillis(text), parseMemoryMiB(text)]).toEqual([null, null, null])
    },
  )

  it('rounds up, but not what only floating point adds', () => {
    expect(['1', '250m', '1500u', '1n', '0.3'].map(parseCpuMillis)).toEqual([1000, 250, 2, 1, 300])
    expect(['256Mi', '1Gi', '1', '104857600', '0.5Mi'].map(parseMemoryMiB)).toEqual([256, 1024, 1, 100, 1])
  })

  it('reads what it writes', () => {
    for (const amount of [0, 1, 10, 250, 999, 1000, 1024, 4000, 8192, 65_536, 262_144]) {
      expect(parseCpuMillis(cpuQuantity(amount))).toBe(amount)
      expect(parseMemoryMiB(memoryQuantity(amount))).toBe(amount)
    }
    expect([cpuQuantity(250), cpuQuantity(4000), memoryQuantity(256), memoryQuantity(8192)]).toEqual([
      '250m',
      '4',
      '256Mi',
      '8Gi',
    ])
  })
})
