import { badRequest } from '../../types/errors.ts'
import type { KubernetesObject } from '../../types/objects.ts'
import type { KindStrategy } from '../core/strategy.ts'

export type ObjectPredicate = (object: KubernetesObject) => boolean

const mostCharacters = 8192

/** A selector that was read. */
export interface FieldQuery {
  matches: ObjectPredicate
  /** The one name that it takes, where it says so. */
  name?: string
}

/**
 * A `fieldSelector` query parameter, e.g. `metadata.name=web,status.phase!=Running`, over the labels the kind supports.
 * Reference: k8s.io/apimachinery/pkg/fields.ParseSelector.
 */
export function parseFieldSelector(strategy: KindStrategy, text: string): FieldQuery {
  if (text.length > mostCharacters) throw badRequest(`the field selector is longer than ${mostCharacters} characters`)
  const terms = splitTerms(text).map((term) => parseTerm(strategy, text, term))
  const name = terms.find((term) => term.name !== undefined)?.name
  return {
    matches: (object) => terms.every(({ matches }) => matches(object)),
    ...(name === undefined ? {} : { name }),
  }
}

/** Commas separate terms, unless a backslash stands before them. */
function splitTerms(text: string): string[] {
  return text.split(/(?<!\\),/).filter((term) => term !== '')
}

function parseTerm(strategy: KindStrategy, whole: string, term: string): FieldQuery {
  const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term)
  if (match === null) throw badRequest(`invalid selector: '${whole}'; can't understand '${term}'`)
  const [, label = '', operator = '', raw = ''] = match
  const value = unescaped(raw)
  if (label === '' && value === '') return { matches: () => true }
  const read = fieldReader(strategy, label)
  if (operator === '!=') return { matches: (object) => read(object) !== value }
  return { matches: (object) => read(object) === value, ...(label === 'metadata.name' ? { name: value } : {}) }
}

/** @throws ApiError 400 for a comma, an equals sign or a backslash that no backslash stands before. */
function unescaped(raw: string): string {
  const sequence = /\\(?![\\,=]).?/su.exec(raw.replaceAll(/\\[\\,=]/g, ''))
  if (sequence !== null) throw badRequest(`invalid field selector: invalid escape sequence: ${sequence[0]}`)
  const bare = /[,=]/.exec(raw.replaceAll(/\\[\\,=]/g, ''))
  if (bare !== null) throw badRequest(`invalid field selector: unescaped character in value: ${bare[0].charCodeAt(0)}`)
  return raw.replaceAll(/\\([\\,=])/g, '$1')
}

function fieldReader(strategy: KindStrategy, label: string): (object: KubernetesObject) => string {
  if (label === 'metadata.name') return (object) => object.metadata.name
  if (label === 'metadata.namespace') return (object) => object.metadata.namespace ?? ''
  const own = strategy.fieldLabels?.[label]
  if (own !== undefined) return own
  if (strategy.fieldLabels === undefined) {
    throw badRequest(`"${label}" is not a known field selector: only "metadata.name", "metadata.namespace"`)
  }
  throw badRequest(
    strategy.type.kind === 'Job'
      ? `field label "${label}" not supported for Job`
      : `field label not supported: ${label}`,
  )
}
