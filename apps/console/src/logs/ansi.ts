/** How a piece of a line looks. Colours are the names of the `--color-ansi-*` tokens, or a CSS colour. */
export interface AnsiStyle {
  color?: string
  background?: string
  bold?: boolean
  dim?: boolean
  italic?: boolean
  underline?: boolean
}

export interface AnsiSpan {
  text: string
  style: AnsiStyle | null
}

const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const
/** CSI sequences, OSC sequences (links, titles), and other two-character escapes; then control characters that print nothing. */
const ESCAPE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are control characters
  /(?:\u001b\[|\u009b)([0-9;:?]*)([@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[@-Z\\-_]|\u001b|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g

const named = (index: number) => `var(--color-ansi-${NAMES[index % 8]})`

/** One of the 256 colours (https://en.wikipedia.org/wiki/ANSI_escape_code#8-bit). */
function indexed(index: number): string {
  if (index < 16) return named(index)
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10
    return `rgb(${grey} ${grey} ${grey})`
  }
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40)
  const cube = index - 16
  return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`
}

/** Reads `5;n` or `2;r;g;b` after 38 or 48: the colour and how many codes it took. */
function extended(codes: number[], at: number): { color: string | undefined; taken: number } {
  const byte = (offset: number) => Math.min(255, Math.max(0, codes[at + offset] ?? 0))
  if (codes[at] === 5) return { color: indexed(byte(1)), taken: 2 }
  if (codes[at] === 2) return { color: `rgb(${byte(1)} ${byte(2)} ${byte(3)})`, taken: 4 }
  return { color: undefined, taken: 0 }
}

/** Applies one SGR sequence (ECMA-48, 8.3.117) to a style. */
function applySgr(style: AnsiStyle, parameters: string): AnsiStyle {
  const codes = parameters.split(/[;:]/).map(Number)
  let next: AnsiStyle = { ...style }
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0
    if (code === 0) next = {}
    else if (code === 1) next.bold = true
    else if (code === 2) next.dim = true
    else if (code === 3) next.italic = true
    else if (code === 4) next.underline = true
    else if (code === 22) next = { ...next, bold: undefined, dim: undefined }
    else if (code === 23) next.italic = undefined
    else if (code === 24) next.underline = undefined
    else if (code === 39) next.color = undefined
    else if (code === 49) next.background = undefined
    else if (code >= 30 && code <= 37) next.color = named(code - 30)
    else if (code >= 90 && code <= 97) next.color = named(code - 90)
    else if (code >= 40 && code <= 47) next.background = named(code - 40)
    else if (code >= 100 && code <= 107) next.background = named(code - 100)
    else if (code === 38 || code === 48) {
      const { color, taken } = extended(codes, at + 1)
      if (code === 38) next.color = color
      else next.background = color
      at += taken
    }
  }
  return next
}

const isPlain = (style: AnsiStyle) => Object.values(style).every((value) => value === undefined)

/** True when a line holds something that `parseAnsi` would take out. Leaves no position behind in the pattern, as `test` would. */
export function hasEscapes(text: string): boolean {
  return text.search(ESCAPE) !== -1
}

/** Splits a line into pieces of one look each. Everything but colours and text attributes is left out. */
export function parseAnsi(text: string): AnsiSpan[] {
  const spans: AnsiSpan[] = []
  let style: AnsiStyle = {}
  let from = 0
  const push = (piece: string) => {
    if (piece === '') return
    const last = spans.at(-1)
    const look = isPlain(style) ? null : style
    if (last && JSON.stringify(last.style) === JSON.stringify(look)) last.text += piece
    else spans.push({ text: piece, style: look })
  }
  for (const match of text.matchAll(ESCAPE)) {
    push(text.slice(from, match.index))
    from = match.index + match[0].length
    if (match[2] === 'm') style = applySgr(style, match[1] ?? '')
  }
  push(text.slice(from))
  return spans
}

/** A line without its escapes, as it is searched and copied. */
export function stripAnsi(text: string): string {
  return text.replace(ESCAPE, '')
}
