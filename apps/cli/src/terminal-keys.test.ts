import { expect, it } from 'vitest'
import { createKeyReader } from './terminal-keys.ts'

/** Types the pieces one after the other. */
function typed(...pieces: string[]): { text: string; leaves: boolean } {
  const read = createKeyReader()
  const keys = pieces.map((piece) => read(Buffer.from(piece)))
  return {
    text: keys.map(({ data }) => Buffer.from(data).toString()).join(''),
    leaves: keys.some(({ leaves }) => leaves),
  }
}

it.each([
  ['~. at the beginning leaves', ['~.'], '', true],
  ['key by key, after a line', ['ls\r', '~', '.'], 'ls\r', true],
  ['a tilde within a line is a tilde', ['ls ~', '.\r'], 'ls ~.\r', false],
  ['what follows a held tilde brings it along', ['~', '/bin\r'], '~/bin\r', false],
  ['two of them are one', ['~~.\r'], '~.\r', false],
  ['Ctrl-C goes to the program', ['\x03'], '\x03', false],
])('%s', (_name, pieces, text, leaves) => {
  expect(typed(...pieces)).toEqual({ text, leaves })
})
