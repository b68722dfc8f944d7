import { expect, test } from 'vitest'
import { displayNameSchema } from './inputs/account.ts'
import { plainLine, plainText } from './plain-text.ts'

test.each([
  ['green \u001b[32mtext\u001b[0m', 'green text'],
  [
    'a title \u001b]0;owned\u0007b, a link \u001b]8;;https://evil.example\u001b\\c\u001b]8;;\u001b\\',
    'a title b, a link c',
  ],
  ['clear \u001b[2J\u001b[H\u001bc screen', 'clear  screen'],
  ['C1 \u009b31mred\u0085', 'C1 31mred'],
  ['admin\u202etxt.exe\u202c \u2066x\u2069 \u200f\u061c', 'admintxt.exe x '],
  ['zero\u200bwidth\ufeff\u2060 tag\u{e0041}', 'zerowidth tag'],
  ['nul\u0000 bell\u0007 back\u0008space del\u007f', 'nul bell backspace del'],
  ['10 %\r50 %\r100 %\nnext\r\nlast\r', '100 %\nnext\nlast'],
  ['cut \u001b[31', 'cut 31'],
])('escapes, control and bidi characters of %j are neutralised', (text, expected) => {
  expect(plainText(text)).toBe(expected)
})

test('what people write in any language stays', () => {
  for (const text of ['Grüße, 日本語', 'שלום עולם', 'سلام‌ها', '👩‍💻 👍🏽', 'tab\tand\nline'])
    expect(plainText(text)).toBe(text)
})

test('names and subjects are one line', () => {
  expect(plainLine(' Fix\n\n\u001b[31mall\t of\u2028it ')).toBe('Fix all of it')
  expect(displayNameSchema.parse('  Ada\u202e \u0007Lovelace ')).toBe('Ada Lovelace')
  expect(displayNameSchema.safeParse('\u202e\u200b').error?.issues[0]?.message).toBe('Enter a name.')
  expect(displayNameSchema.safeParse('x'.repeat(81)).success).toBe(false)
})
