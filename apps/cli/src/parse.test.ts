import { describe, expect, it } from 'vitest'
import { collect, parseAssignment, parseCount, parseCpu, parseMemory, parseRelease, parseScale } from './parse.ts'

describe('what people type', () => {
  it('assignments: the value may be empty and hold equal signs', () => {
    expect(parseAssignment('A=b')).toEqual(['A', 'b'])
    expect(parseAssignment('A=')).toEqual(['A', ''])
    expect(parseAssignment('URL=postgres://h/d?a=b')).toEqual(['URL', 'postgres://h/d?a=b'])
    for (const wrong of ['A', '=b', '']) expect(() => parseAssignment(wrong)).toThrow(/KEY=VALUE/)
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

  it('arguments that come several times', () => {
    expect(collect(parseRelease)('v2', collect(parseRelease)('v1', undefined))).toEqual([1, 2])
  })
})
