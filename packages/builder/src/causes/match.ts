/** Finds one cause in the lines of a tool; null where it is not there. No full stop at the end. */
export type Cause = (text: string, lines: readonly string[]) => string | null

/** A cause that is one pattern and its sentence. Groups that did not take part are empty. */
export const when =
  (pattern: RegExp, sentence: (...groups: string[]) => string): Cause =>
  (text) => {
    const match = pattern.exec(text)
    return match === null ? null : sentence(...match.slice(1).map((group) => group ?? ''))
  }

/** `3 errors`, `1 error`. */
export const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
