import { type AppRef, appPath } from '@slipway/domain'

/** A word as a POSIX shell takes it: quoted only where it must be. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** A line for the `slipway` command about an app. */
export function cliLine(ref: AppRef, ...words: string[]): string {
  return ['slipway', ...words.map(shellWord), '--app', appPath(ref)].join(' ')
}
