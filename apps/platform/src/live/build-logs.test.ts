import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BUILD_LOG_LIMIT_BYTES, type BuildLogs, openBuildLogs } from './build-logs.ts'
import { nanosecondsOf } from './log-time.ts'

let directory = ''
let logs: BuildLogs
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-logs-'))
  logs = await openBuildLogs(directory)
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const at = '2026-01-01T00:00:00.000000001Z'
const entry = (text: string) => ({ at, origin: 'builder' as const, text })
const never = new AbortController().signal

async function all(id: string, from = 0): Promise<string[]> {
  const lines: string[] = []
  for await (const { entries } of logs.follow(id, { from, isOver: async () => true, signal: never })) {
    lines.push(...entries.map(({ text }) => text))
  }
  return lines
}

test('keeps lines in order, whoever appends at the same time', async () => {
  await Promise.all(Array.from({ length: 50 }, (_, n) => logs.append('order', [entry(`line ${n}`)])))
  expect(await all('order')).toEqual(Array.from({ length: 50 }, (_, n) => `line ${n}`))
  expect(await logs.tail('order', 3)).toEqual(['line 47', 'line 48', 'line 49'])
})

test('a follower sees what is written after it began, also by another process, and ends with the build', async () => {
  const other = await openBuildLogs(directory)
  let over = false
  const seen: string[] = []
  const following = (async () => {
    for await (const { entries } of logs.follow('follow', { from: 0, isOver: async () => over, signal: never })) {
      seen.push(...entries.map(({ text }) => text))
    }
  })()
  await logs.append('follow', [entry('one')])
  await other.append('follow', [entry('two\nwith a break')])
  await logs.append('follow', [{ at, origin: 'slipway', text: 'three' }])
  over = true
  await following
  expect(seen).toEqual(['one', 'two with a break', 'three'])
})

test('goes on from a byte, without loss or repetition', async () => {
  await logs.append('resume', ['a', 'b'].map(entry))
  const first = await logs.follow('resume', { from: 0, isOver: async () => true, signal: never }).next()
  await logs.append('resume', [entry('c')])
  expect(first.done).toBe(false)
  expect(await all('resume', first.value?.offset)).toEqual(['c'])
})

test('is cut at its limit and says so; the verdict still fits', async () => {
  const line = 'x'.repeat(16 * 1024)
  const count = Math.ceil(BUILD_LOG_LIMIT_BYTES / line.length) + 10
  for (let n = 0; n < count; n++) await logs.append('long', [entry(line)])
  await logs.append('long', [{ at, origin: 'slipway', text: 'it failed' }])
  const lines = await all('long')
  expect(lines.filter((text) => text.includes('is longer than 4 MiB'))).toHaveLength(1)
  expect(lines.at(-1)).toBe('it failed')
  expect(logs.stats().droppedLines).toBeGreaterThan(5)
})

test('knows how far the output of the pod was copied', async () => {
  expect(await logs.builderMark('times')).toBeUndefined()
  await logs.append('times', [entry('a'), entry('b'), { at: '2030-01-01T00:00:00Z', origin: 'slipway', text: 'said' }])
  expect(await logs.builderMark('times')).toEqual({ nanoseconds: nanosecondsOf(at), count: 2 })
})

test('ids are no paths', async () => {
  await expect(logs.append('../../etc/passwd', [entry('x')])).rejects.toThrow('file name')
})
