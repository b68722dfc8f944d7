import { ApiError } from '../types/errors.ts'
import type { Json } from '../types/objects.ts'
import { cannotUnmarshal } from './schema/go-values.ts'

/** A body that is no object of the kind that was asked for: 400. */
export class UnrecognizedError extends ApiError {
  readonly why: string

  /** @param shown what can be shown of the body */
  constructor(kind: string, why: string, shown: string) {
    super(400, 'BadRequest', `the object provided is unrecognized (must be of type ${kind}): ${why} (${shown})`)
    this.why = why
  }
}

/** Why its version and kind cannot be told. */
export const noKind = (why: string) => `couldn't get version/kind; json parse error: ${why}`

/** A body that is a list, a text, a number or a truth. */
export function notAnObject(value: Json): string {
  const type = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
  return noKind(cannotUnmarshal(value, 'Go value', type))
}
