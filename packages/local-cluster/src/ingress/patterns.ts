import { RE2JS } from 're2js'

/**
 * States that a pattern may compile to. Matching takes time in proportion to this and to the length of what is matched (16 KiB of
 * headers at most), never more: 0.1 s at the very worst, microseconds as a rule.
 */
const MOST_STATES = 500

export interface Pattern {
  /** States that it has. */
  size: number
  /** True where the whole text matches. */
  matches(text: string): boolean
}

/**
 * A regular expression of a route, in RE2's syntax, as Envoy has it. Users write them, and Node's own can be made to hang.
 * @throws Error with what is wrong with it.
 */
function compilePattern(source: string): Pattern {
  const compiled = RE2JS.compile(source)
  if (compiled.programSize() > MOST_STATES) {
    throw new Error(
      `the regular expression "${source}" is too large: ${compiled.programSize()} steps of ${MOST_STATES}`,
    )
  }
  return { size: compiled.programSize(), matches: (text) => compiled.testExact(text) }
}

/** States that the patterns of one route may have together: a request is held against all of them. */
const MOST_OF_ROUTE = 2_000

/** Compiles the patterns of one route, which share a bound. @throws Error as `compilePattern`, and where they are too many. */
export function patternCompiler(): (source: string) => Pattern {
  let left = MOST_OF_ROUTE
  return (source) => {
    const pattern = compilePattern(source)
    if (pattern.size > left)
      throw new Error(`the route's regular expressions are too large together, "${source}" is left out`)
    left -= pattern.size
    return pattern
  }
}
