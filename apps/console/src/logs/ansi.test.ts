import { expect, test } from 'vitest'
import { hasEscapes, parseAnsi, stripAnsi } from './ansi.ts'

const RED = { color: 'var(--color-ansi-red)' }

test('every escape of a line is read, the first one too, however often lines are asked about', () => {
  const line = '\u001b[31mred\u001b[0m after'
  for (let round = 0; round < 3; round++) {
    expect(hasEscapes(line)).toBe(true)
    expect(parseAnsi(line)).toEqual([
      { text: 'red', style: RED },
      { text: ' after', style: null },
    ])
    expect(stripAnsi(line)).toBe('red after')
  }
})

test('what steers a terminal is left out: clearing, the cursor, titles, links, stray bytes', () => {
  expect(stripAnsi('\u001b[2J\u001b[H\u001b[31mRED\u001b[0m \u001b]0;title\u0007 \u001b[1A up')).toBe('RED   up')
  expect(stripAnsi('\u001b]8;;https://example.com\u001b\\text\u001b]8;;\u001b\\')).toBe('text')
  expect(stripAnsi('a\u0000b\u009b31mc')).toBe('abc')
  expect(hasEscapes('plain text\twith a tab')).toBe(false)
})

test('colours beyond the sixteen, and attributes that end', () => {
  expect(parseAnsi('\u001b[38;5;196mx')).toEqual([{ text: 'x', style: { color: 'rgb(255 0 0)' } }])
  expect(parseAnsi('\u001b[1;38;2;1;2;3mx\u001b[22;39my')).toEqual([
    { text: 'x', style: { bold: true, color: 'rgb(1 2 3)' } },
    { text: 'y', style: null },
  ])
})
