const TILDE = 0x7e
const DOT = 0x2e
const LINE_ENDS = [0x0d, 0x0a]

/** What of typed bytes goes to the program, and whether the person wants to leave it. */
export interface Keys {
  data: Uint8Array
  leaves: boolean
}

/**
 * Finds `~.` at the beginning of a line, as ssh has it: it leaves the terminal. `~~` there is one tilde. Everything else goes to the
 * program, Ctrl-C too.
 */
export function createKeyReader(): (typed: Uint8Array) => Keys {
  let atLineStart = true
  let held = false
  return (typed) => {
    const data: number[] = []
    for (const byte of typed) {
      if (held) {
        held = false
        if (byte === DOT) return { data: Uint8Array.from(data), leaves: true }
        data.push(TILDE)
        atLineStart = false
        if (byte === TILDE) continue
      } else if (byte === TILDE && atLineStart) {
        held = true
        continue
      }
      data.push(byte)
      atLineStart = LINE_ENDS.includes(byte)
    }
    return { data: Uint8Array.from(data), leaves: false }
  }
}
