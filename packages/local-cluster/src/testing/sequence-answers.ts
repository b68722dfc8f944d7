import { isJsonObject } from '../types/json.ts'
import { sorted } from '../types/sorted.ts'
import { isRefusal, steady, warningsOf } from './answers.ts'
import { pick, type TestResponse } from './api.ts'

/**
 * What differs from run to run in a sequence of requests, by the names that its file has for it: `UID1` is the first uid that an
 * answer showed, `RV2` the second version. A version that did not change has the same name again.
 */
export class RunNames {
  readonly #namespace: string
  readonly #values = new Map<string, string>()

  constructor(namespace: string) {
    this.#namespace = namespace
  }

  /** A request's text with this run's values. */
  placed(text: string): string {
    return text
      .replaceAll(/"((?:UID|RV)\d+)"/g, (found, name: string) => {
        const value = this.#values.get(name)
        return value === undefined ? found : JSON.stringify(value)
      })
      .replaceAll('"NS"', JSON.stringify(this.#namespace))
      .replaceAll('/NS', `/${this.#namespace}`)
  }

  /** An answer as the files have it. */
  answer({ status, headers, body }: TestResponse): unknown {
    const warnings = warningsOf(headers)
    const answer = {
      status,
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(isRefusal(body) ? refusal(body) : this.#object(body)),
    }
    let text = JSON.stringify(sorted(answer)).replaceAll(this.#namespace, 'NS')
    for (const [name, value] of this.#values) if (name.startsWith('UID')) text = text.replaceAll(value, name)
    return sorted(withoutVersions(JSON.parse(withoutRun(text))))
  }

  #object(body: unknown): object {
    if (!isJsonObject(body)) return { text: body }
    const { metadata } = body
    if (!isJsonObject(metadata) || body.kind === 'Status') return { object: body }
    this.#name('UID', metadata.uid)
    const version = this.#name('RV', metadata.resourceVersion)
    return {
      object: {
        ...body,
        metadata: {
          ...metadata,
          ...(version === undefined ? {} : { resourceVersion: version }),
          ...(Array.isArray(metadata.managedFields) ? { managedFields: byManager(metadata.managedFields) } : {}),
        },
      },
    }
  }

  #name(kind: 'UID' | 'RV', value: unknown): string | undefined {
    if (typeof value !== 'string' || value === '') return undefined
    const known = [...this.#values].filter(([name]) => name.startsWith(kind))
    const same = known.find(([, seen]) => seen === value)
    if (same !== undefined) return same[0]
    const name = `${kind}${known.length + 1}`
    this.#values.set(name, value)
    return name
  }
}

function withoutRun(text: string): string {
  return steady(text).replaceAll(/(gen-)[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '$1XXXXX')
}

/** Entries stand in the order of their times, which a run does not repeat. */
function byManager(entries: unknown[]): unknown[] {
  const key = (entry: unknown) =>
    JSON.stringify(['operation', 'manager', 'subresource', 'apiVersion'].map((name) => pick(entry, name) ?? ''))
  return entries.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

function refusal(body: unknown): object {
  const [reason, details] = [pick(body, 'reason'), pick(body, 'details')]
  return {
    message: pick(body, 'message'),
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
  }
}

/** Refusals without what is chance in them: causes that are said twice, their order among conflicts, and the order of shown JSON. */
function withoutVersions(answer: unknown): unknown {
  if (!isJsonObject(answer) || typeof answer.message !== 'string') return answer
  const details = isJsonObject(answer.details) ? { ...answer.details } : undefined
  if (details !== undefined && Array.isArray(details.causes)) {
    const texts = details.causes.map((cause) => JSON.stringify(sorted(inOrder(cause))))
    const conflicts = details.causes.every((cause) => pick(cause, 'reason') === 'FieldManagerConflict')
    const unique = [...new Set(texts)]
    details.causes = (conflicts ? unique.sort() : unique).map((text) => JSON.parse(text))
  }
  return { ...answer, message: shownInOrder(answer.message), ...(details === undefined ? {} : { details }) }
}

function inOrder(cause: unknown): unknown {
  if (!isJsonObject(cause) || typeof cause.message !== 'string') return cause
  return { ...cause, message: shownInOrder(cause.message) }
}

/** The object that a refused patch shows, with its keys in order and its version by a name. */
function shownInOrder(message: string): string {
  return message.replace(/Invalid value: ("\{(?:[^"\\]|\\.)*")/s, (found, quoted: string) => {
    const shown = parsed(parsed(quoted))
    if (!isJsonObject(shown)) return found
    const { metadata } = shown
    if (isJsonObject(metadata)) {
      if (typeof metadata.resourceVersion === 'string') metadata.resourceVersion = 'RV'
      if (Array.isArray(metadata.managedFields))
        metadata.managedFields = byManager(metadata.managedFields) as typeof metadata.managedFields
    }
    return `Invalid value: ${JSON.stringify(JSON.stringify(sorted(shown)))}`
  })
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
