import { ApiError } from '../../types/errors.ts'

/** The form in which a client wants objects. */
export type Representation = 'object' | 'table'

/** Most clauses of one header that are read. */
const mostClauses = 64

/** What a clause of `Accept` asks for; null where that is not served. */
function choiceOf(clause: string): Representation | null {
  const [type = '', ...parameters] = clause.split(';').map((part) => part.trim())
  if (type !== 'application/json' && type !== '*/*') return null
  const values = new Map(parameters.map((parameter) => [parameter.split('=')[0], parameter.split('=')[1]]))
  if (!values.has('as')) return 'object'
  return values.get('g') === 'meta.k8s.io' && values.get('v') === 'v1' && values.get('as') === 'Table' ? 'table' : null
}

/**
 * Reads `Accept`: JSON, of objects or of a table; the first clause that is served.
 * @throws ApiError 406 where none is.
 */
export function negotiate(accept: string | undefined): Representation {
  if (accept === undefined || accept.trim() === '') return 'object'
  for (const clause of accept.split(',').slice(0, mostClauses)) {
    const choice = choiceOf(clause)
    if (choice !== null) return choice
  }
  throw new ApiError(406, 'NotAcceptable', 'only the following media types are accepted: application/json')
}
