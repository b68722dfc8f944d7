import { expect, test } from 'vitest'
import { type IncomingLine, LogWindow } from './log-window.ts'

const line = (text: string): IncomingLine => ({ at: '2026-01-01T00:00:00Z', process: 'web', instance: 'web-1', text })
const textOf = (window: LogWindow) => window.getSnapshot().rows.map(({ plain }) => plain)

test('keeps the newest lines, and every line is shown, dropped or counted', () => {
  const window = new LogWindow(100, 20)
  for (let n = 0; n < 1_000; n += 10) window.append(Array.from({ length: 10 }, (_, i) => line(String(n + i))))
  const { total, dropped, trimmedRows, rows } = window.getSnapshot()
  expect(total + dropped).toBe(1_000)
  expect(total).toBeLessThanOrEqual(120)
  expect(trimmedRows).toBe(dropped)
  expect(rows.at(-1)?.plain).toBe('999')
})

test('a filter keeps the marks of what is missing, and matches follow what is trimmed', () => {
  const window = new LogWindow(4, 1)
  window.setFilter({ query: 'HIT', onlyMatches: true, minLevel: null })
  window.append([line('hit one'), line('other')])
  window.append([line('hit two')], 7)
  expect(textOf(window)).toEqual(['hit one', '', 'hit two'])
  expect(window.getSnapshot().rows[1]?.skipped).toBe(7)
  expect(window.getSnapshot().matches).toEqual([0, 2])
  window.append([line('x'), line('hit three')])
  expect(textOf(window)).toEqual(['', 'hit two', 'hit three'])
  expect(window.getSnapshot().matches).toEqual([1, 2])
  window.setFilter({ query: '', onlyMatches: true, minLevel: 'error' })
  expect(textOf(window)).toEqual([''])
})

test('levels are read through colours, and a cut line says so in the file', () => {
  const window = new LogWindow()
  window.append([line('\u001b[31mERROR\u001b[0m it broke'), { ...line('long'), cut: true }], 3)
  expect(window.getSnapshot().rows.map(({ level }) => level)).toEqual([null, 'error', null])
  expect(window.toText()).toBe(
    '--- 3 lines skipped ---\n2026-01-01T00:00:00Z web[web-1] ERROR it broke\n2026-01-01T00:00:00Z web[web-1] long … (line cut)\n',
  )
})
