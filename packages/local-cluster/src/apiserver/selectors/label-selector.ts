import { badRequest } from '../../types/errors.ts'
import { labelValue, qualifiedName } from '../validation/names.ts'

export type LabelPredicate = (labels: Record<string, string> | undefined) => boolean

/** A selector that was read. */
export interface LabelQuery {
  matches: LabelPredicate
  /** Labels that must have one of these values: what an index can be asked for. */
  required: { key: string; values: readonly string[] }[]
  /** Labels that must be there with any value. */
  keys: string[]
}

interface Token {
  kind: 'identifier' | 'symbol' | 'end'
  text: string
}

/** Longest selector that is read. */
const mostCharacters = 8192

/**
 * A `labelSelector` query parameter, e.g. `app=web,tier in (a,b),!old,replicas>2`.
 * Reference: k8s.io/apimachinery/pkg/labels.Parse.
 * @throws ApiError 400 in the parser's own words.
 */
export function parseLabelSelector(text: string): LabelQuery {
  if (text.length > mostCharacters) throw badRequest(`the label selector is longer than ${mostCharacters} characters`)
  const parser = new Parser(tokenize(text))
  const requirements = parser.parse()
  return {
    matches: (labels) => requirements.every(({ matches }) => matches(labels ?? {})),
    required: requirements.flatMap(({ key, values }) => (values === undefined ? [] : [{ key, values }])),
    keys: requirements.flatMap(({ key, present = false }) => (present ? [key] : [])),
  }
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  const pattern = /\s*(==|!=|[()=,!<>]|[^\s()=,!<>]+)/gy
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const word = match[1] ?? ''
    tokens.push({ kind: /^[()=,!<>]/.test(word) ? 'symbol' : 'identifier', text: word })
  }
  return tokens
}

const end: Token = { kind: 'end', text: '' }

interface Requirement {
  key: string
  /** Set where the label must have one of them. */
  values?: readonly string[]
  /** True where the label must be there, with any value. */
  present?: boolean
  matches: (labels: Record<string, string>) => boolean
}

class Parser {
  readonly #tokens: Token[]
  #next = 0

  constructor(tokens: Token[]) {
    this.#tokens = tokens
  }

  parse(): Requirement[] {
    const out: Requirement[] = []
    if (this.#peek().kind === 'end') return out
    for (;;) {
      const token = this.#peek()
      if (token.kind !== 'identifier' && token.text !== '!') {
        throw badRequest(`found '${token.text}', expected: !, identifier, or 'end of string'`)
      }
      out.push(this.#requirement())
      const after = this.#take()
      if (after.kind === 'end') return out
      if (after.text !== ',') throw badRequest(`found '${after.text}', expected: ',' or 'end of string'`)
      const following = this.#peek()
      if (following.kind !== 'identifier' && following.text !== '!') {
        throw badRequest(`found '${following.text}', expected: identifier after ','`)
      }
    }
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? end
  }

  #take(): Token {
    const token = this.#peek()
    this.#next += 1
    return token
  }

  #requirement(): Requirement {
    const negated = this.#peek().text === '!'
    if (negated) this.#take()
    const key = this.#take()
    if (key.kind !== 'identifier') fail(`found '${key.text}', expected: identifier`)
    const [wrong] = qualifiedName(key.text)
    if (wrong !== undefined) fail(`<nil>: Invalid value: "${key.text}": ${wrong}`)
    const { kind, text } = this.#peek()
    if (negated) return { key: key.text, matches: (labels) => labels[key.text] === undefined }
    if (kind === 'end' || text === ',') {
      return { key: key.text, present: true, matches: (labels) => labels[key.text] !== undefined }
    }
    return { key: key.text, ...this.#comparison(key.text) }
  }

  #comparison(key: string): Omit<Requirement, 'key'> {
    const operator = this.#take().text
    switch (operator) {
      case 'in':
      case 'notin': {
        const values = new Set(this.#valueList(key))
        const wanted = operator === 'in'
        if (!wanted) return { matches: ({ [key]: value }) => value === undefined || !values.has(value) }
        return { values: [...values], matches: ({ [key]: value }) => value !== undefined && values.has(value) }
      }
      case '=':
      case '==': {
        const value = this.#exactValue(key)
        return { values: [value], matches: (labels) => labels[key] === value }
      }
      case '!=': {
        const value = this.#exactValue(key)
        return { matches: (labels) => labels[key] !== value }
      }
      case '>':
      case '<': {
        const text = this.#exactValue(key)
        const bound = Number(text)
        if (text === '' || !Number.isInteger(bound))
          fail(`values[0]: Invalid value: "${text}": for 'Gt', 'Lt' operators, the value must be an integer`)
        return {
          matches: (labels) => {
            const value = Number(labels[key] ?? 'x')
            return Number.isInteger(value) && (operator === '>' ? value > bound : value < bound)
          },
        }
      }
      default:
        return fail(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`)
    }
  }

  #exactValue(key: string): string {
    const token = this.#peek()
    if (token.kind === 'end' || token.text === ',') return ''
    this.#take()
    if (token.kind !== 'identifier') fail(`found '${token.text}', expected: identifier`)
    return checkedValue(key, token.text)
  }

  #valueList(key: string): string[] {
    const open = this.#take()
    if (open.text !== '(') fail(`found '${open.text}' expected: '('`)
    const values: string[] = []
    for (;;) {
      const token = this.#take()
      if (token.kind === 'identifier') {
        values.push(checkedValue(key, token.text))
        const next = this.#take()
        if (next.text === ')') return values
        if (next.text !== ',') fail(`found '${next.text}', expected: ',' or ')'`)
      } else if (token.text === ',') values.push('')
      else if (token.text === ')') return [...values, '']
      else fail(`found '${token.text}', expected: ',', ')' or identifier`)
    }
  }
}

function checkedValue(key: string, value: string): string {
  const [wrong] = labelValue(value)
  if (wrong !== undefined) fail(`values[0][${key}]: Invalid value: "${value}": ${wrong}`)
  return value
}

function fail(why: string): never {
  throw badRequest(`unable to parse requirement: ${why}`)
}
