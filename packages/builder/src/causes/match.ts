/** Why a tool failed, without a full stop at the end, and what to do where the tool's own title does not say it. */
export interface Failure {
  cause: string
  action: string | null
}

/** Finds one cause in the lines of a tool; null where it is not there. Text is a cause without an action of its own. */
export type Cause = (text: string, lines: readonly string[]) => string | Failure | null

/** A cause that is one pattern and its sentence. Groups that did not take part are empty. */
export const when =
  (pattern: RegExp, sentence: (...groups: string[]) => string) =>
  (text: string): string | null => {
    const match = pattern.exec(text)
    return match === null ? null : sentence(...match.slice(1).map((group) => group ?? ''))
  }

/** The same for what the network is to blame for: nothing in the source has to be corrected. */
export const unreachable = (pattern: RegExp, sentence: (...groups: string[]) => string): Cause => {
  const find = when(pattern, sentence)
  return (text) => {
    const cause = find(text)
    return cause === null ? null : { cause, action: NETWORK_ACTION }
  }
}

const NETWORK_ACTION = 'Push again in a while; if it fails again, ask your operator what builds can reach.'

/** `3 errors`, `1 error`. */
export const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
