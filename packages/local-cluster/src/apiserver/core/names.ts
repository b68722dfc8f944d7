import { randomInt } from 'node:crypto'

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
const suffixLength = 5
const longestBase = 58

/** `generateName` plus five letters that cannot spell a word. Reference: names.SimpleNameGenerator. */
export function generateName(base: string): string {
  let suffix = ''
  for (let i = 0; i < suffixLength; i += 1) suffix += alphabet[randomInt(alphabet.length)]
  return base.slice(0, longestBase) + suffix
}
