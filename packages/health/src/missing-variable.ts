import { configKeySchema, RESERVED_CONFIG_KEYS, type RunState } from '@slipway/domain'
import { plainLines } from './log-lines.ts'

/** States of a process that may lack a variable. */
const STATES: ReadonlySet<RunState> = new Set(['crashing', 'restarting', 'not_listening', 'failing', 'release_failed'])

const NAME = '[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z][A-Z0-9]{3,}'

/** What programs print when a variable is missing: plain sentences, and the errors of common languages and frameworks. */
const PATTERNS = [
  // "DATABASE_URL is not set", "Environment variable API_KEY must be set", "SECRET_KEY environment variable is required"
  `\\b(${NAME})\\b["'\`]?(?: (?:env(?:ironment)?[ -]?)?var(?:iable)?)? (?:is|was|has|must be|needs to be)(?: not(?: been)?)? (?:set|configured|provided|specified|present|required|missing|unset|empty)\\b`,
  // "Missing required environment variable: STRIPE_KEY", "no such env var API_KEY", "Set the SECRET_KEY environment variable"
  `\\b(?:[Mm]issing|[Rr]equired|[Uu]ndefined|[Uu]nset|[Nn]eed|[Nn]o such|[Pp]lease set|[Ss]et the|[Ee]xpected|[Vv]ariable not found)\\b[^\\n]{0,40}?["'\`:= ](${NAME})\\b`,
  // Python's and Ruby's KeyError
  `\\bKeyError\\b[^\\n]{0,40}?["':](${NAME})["']?`,
  `\\bkey not found: "(${NAME})"`,
].map((source) => new RegExp(source))

/** Words in capitals that are no variables. */
const NOT_NAMES =
  /^(?:E[A-Z]{5,}|ERR_[A-Z_]+|ERROR|FATAL|WARN(?:ING)?|DEBUG|INFO|HTTPS?|JSON|NULL|TRUE|FALSE|SIG[A-Z]+)$/

/**
 * The config var that a failing process says it lacks, after its last log lines; null where none is named. It is evidence only:
 * it offers to set the variable, and changes no sentence.
 */
export function missingVariable(state: RunState, logTail: readonly string[]): string | null {
  if (!STATES.has(state)) return null
  for (const line of plainLines(logTail).reverse()) {
    for (const pattern of PATTERNS) {
      const name = pattern.exec(line.slice(0, 500))?.[1]
      if (name === undefined || NOT_NAMES.test(name) || RESERVED_CONFIG_KEYS.has(name)) continue
      if (configKeySchema.safeParse(name).success) return name
    }
  }
  return null
}
