import { describe, expect, it } from 'vitest'
import {
  collect,
  parseAssignment,
  parseCount,
  parseCpu,
  parseMemory,
  parseRelease,
  parseScale,
  parseSince,
  parseTimeout,
} from './parse.ts'

describe('what people type', () => {
  it('assignments: the value may be empty and hold equal signs', () => {
    expect(parseAssignment('A=b')).toEqual(['A', 'b'])
    expect(parseAssignment('A=')).toEqual(['A', ''])
    expect(parseAssignment('URL=postgres://h/d?a=b')).toEqual(['URL', 'postgres://h/d?a=b'])
    for (const wrong of ['A', '=b', '']) expect(() => parseAssignment(wrong)).toThrow(/KEY=VALUE/)
  })

  it('time limits: seconds, minutes, hours', () => {
    const parse = parseTimeout(10, 86_400)
    expect(['90', '90s', '10m', '24h'].map(parse)).toEqual([90, 90, 600, 86_400])
    for (const wrong of ['9', '25h', '1d', 'soon', '']) expect(() => parse(wrong)).toThrow(/10m or 2h/)
  })

  it('scales', () => {
    expect(parseScale('web=3')).toEqual({ name: 'web', instances: 3 })
    expect(parseScale('mail-queue')).toEqual({ name: 'mail-queue' })
    for (const wrong of ['web=-1', 'web=two', 'Web=1', '=1', 'web=1.5'])
      expect(() => parseScale(wrong)).toThrow(/web=2/)
  })

  it.each([
    ['500m', 500],
    ['0.5', 500],
    ['2', 2000],
    ['1.25', 1250],
  ])('CPU %s is %d millicores', (text, millis) => {
    expect(parseCpu(text)).toBe(millis)
  })

  it.each([
    ['512Mi', 512],
    ['512', 512],
    ['1Gi', 1024],
    ['1.5G', 1536],
    ['256 MiB', 256],
  ])('memory %s is %d MiB', (text, mebibytes) => {
    expect(parseMemory(text)).toBe(mebibytes)
  })

  it('refuses sizes that are none', () => {
    for (const wrong of ['', 'x', '-1', '0', '1e3', '10k']) expect(() => parseCpu(wrong)).toThrow(/millicores/)
    for (const wrong of ['', 'x', '-1', '0', '10k']) expect(() => parseMemory(wrong)).toThrow(/MiB/)
  })

  it('releases, with and without their letter', () => {
    expect([parseRelease('v42'), parseRelease('42')]).toEqual([42, 42])
    for (const wrong of ['v0', 'latest', '-1', '1.5']) expect(() => parseRelease(wrong)).toThrow(/v42/)
  })

  it('numbers within bounds', () => {
    expect(parseCount(0, 10)('10')).toBe(10)
    for (const wrong of ['11', '-1', 'x', '1.5', '']) expect(() => parseCount(0, 10)(wrong)).toThrow(/from 0 to 10/)
  })

  it('moments in the past, by age or by time', () => {
    const since = Date.parse(parseSince('2h'))
    const agoMs = Date.now() - since
    expect(agoMs).toBeGreaterThanOrEqual(2 * 3_600_000)
    expect(agoMs).toBeLessThan(2 * 3_600_000 + 60_000)
    expect(parseSince('2026-11-29T14:30:00.123456789Z')).toBe('2026-11-29T14:30:00.123456789Z')
    for (const wrong of ['', '2', 'yesterday', '10 minutes', '2026-11-29', '2026-19-99T14:30:00Z'])
      expect(() => parseSince(wrong)).toThrow(/10m/)
  })

  it('arguments that come several times', () => {
    expect(collect(parseRelease)('v2', collect(parseRelease)('v1', undefined))).toEqual([1, 2])
  })
})
