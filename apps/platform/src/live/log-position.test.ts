import { expect, test } from 'vitest'
import {
  advance,
  createResumeFilter,
  decodePosition,
  encodePosition,
  instanceKey,
  type LogPosition,
} from './log-position.ts'
import { createLogQueue } from './log-queue.ts'
import { byTime, nanosecondsOf, parseStampedLine } from './log-time.ts'

test('a position goes through its text', () => {
  const position: LogPosition = new Map([
    [instanceKey('web-1'), { nanoseconds: nanosecondsOf('2026-11-24T05:00:00.123456789Z'), count: 3 }],
    [instanceKey('worker-2'), { nanoseconds: 0n, count: 0 }],
  ])
  expect(decodePosition(encodePosition(position))).toEqual(position)
})

test.each(['', '2~x', '1~short.1.1', '1~abcdefgh.!!.1', `1${'~abcdefgh.1.1'.repeat(300)}`])(
  '%s is no position',
  (text) => {
    expect(decodePosition(text)).toBeNull()
  },
)

test('a position of a hundred instances fits into what a client may send', () => {
  const position: LogPosition = new Map()
  for (let n = 0; n < 250; n++)
    position.set(instanceKey(`pod-${n}`), { nanoseconds: 1_800_000_000_000_000_000n, count: 9 })
  expect(encodePosition(position).length).toBeLessThan(8000)
})

test('reading again from around a watermark gives exactly what comes after it, equal times included', () => {
  const times = [5n, 7n, 7n, 7n, 9n]
  for (let cut = 1; cut <= times.length; cut++) {
    const mark = times
      .slice(0, cut)
      .reduce<ReturnType<typeof advance> | undefined>((last, each) => advance(last, each), undefined)
    const isNew = createResumeFilter(mark)
    expect(times.filter((each) => isNew(each))).toEqual(times.slice(cut))
  }
})

test('times are compared as times, not as text', () => {
  const lines = [
    '2026-01-01T00:00:00.5Z',
    '2026-01-01T00:00:00.45Z',
    '2026-01-01T01:00:00+01:00',
    '2026-01-01T00:00:00.450000001Z',
  ]
  expect(
    lines
      .map((at) => ({ at }))
      .sort(byTime)
      .map(({ at }) => at),
  ).toEqual([lines[2], lines[1], lines[3], lines[0]])
})

test('a line keeps its text, blanks included, and one without a time gets the fallback', () => {
  expect(parseStampedLine('2026-01-01T00:00:00Z  two blanks', 'f')).toEqual({
    at: '2026-01-01T00:00:00Z',
    text: ' two blanks',
  })
  expect(parseStampedLine('2026-01-01T00:00:00Z', 'f')).toEqual({ at: '2026-01-01T00:00:00Z', text: '' })
  expect(parseStampedLine('plain text', 'f')).toEqual({ at: 'f', text: 'plain text' })
})

test('a line shows its last state, is cut with a mark, and never in the middle of a character', () => {
  const read = (text: string) => parseStampedLine(`2026-01-01T00:00:00Z ${text}`, 'f')
  expect(read('\rstep 0%\rstep 50%\rstep 100%').text).toBe('step 100%')
  expect(read('from Windows\r').text).toBe('from Windows')
  expect(read('\r').text).toBe('')
  expect(read('x'.repeat(16_384))).toEqual({ at: '2026-01-01T00:00:00Z', text: 'x'.repeat(16_384) })
  expect(read(`START${'x'.repeat(2 ** 20)}`)).toMatchObject({ text: `START${'x'.repeat(16_379)}`, cut: true })
  expect(read(`${'x'.repeat(16_383)}🚀`)).toMatchObject({ text: 'x'.repeat(16_383), cut: true })
})

test('a queue that is full drops the oldest lines and counts every one of them', () => {
  const queue = createLogQueue(100)
  const line = (n: number) => ({
    at: new Date(n * 1000).toISOString(),
    process: 'web',
    instance: 'a',
    release: 1,
    text: String(n),
  })
  for (let n = 0; n < 1000; n++) queue.push(line(n))
  const taken: string[] = []
  let skipped = 0
  for (let batch = queue.take(); batch !== null; batch = queue.take()) {
    skipped += batch.skipped
    taken.push(...batch.lines.map(({ text }) => text))
  }
  expect(taken.at(-1)).toBe('999')
  expect(taken.length + skipped).toBe(1000)
  expect(taken.length).toBeLessThanOrEqual(100)
})
