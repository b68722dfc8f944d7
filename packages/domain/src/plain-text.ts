const ESC = String.fromCharCode(0x1b)
const BEL = String.fromCharCode(0x07)
const ST = `(?:${BEL}|${ESC}\\\\)?`

/** Escape sequences of terminals (ECMA-48): CSI, strings such as OSC with their text, and the short ones. */
const ESCAPES = new RegExp(`${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}[\\]PX^_][^${ESC}${BEL}]*${ST}|${ESC}[ -/]*[0-~]`, 'g')

/** What no text needs and what turns it round, hides in it or moves a cursor; a tab and a line break are left. */
const INVISIBLE = /(?![\t\n])\p{Cc}|\p{Bidi_Control}|[\u2028\u2029\ufeff\u200b\u2060\u{e0000}-\u{e007f}]/gu

/**
 * Text of somebody else's, as it can be shown anywhere: without escape sequences, control characters and those that turn text round
 * (Unicode TR 36, "bidirectional text spoofing"). Of a line that was written over with carriage returns, the last state stays.
 */
export function plainText(text: string): string {
  return text
    .replace(/\r+\n/g, '\n')
    .replace(ESCAPES, '')
    .replace(/[^\n\r]*\r(?=[^\n\r])/g, '')
    .replace(INVISIBLE, '')
}

/** The same on one line: breaks and runs of white space become a space. */
export function plainLine(text: string): string {
  return plainText(text.replace(/[\r\n\t\v\f\u2028\u2029]+/g, ' '))
    .replace(/\s+/g, ' ')
    .trim()
}
