import type { FieldError } from '../../types/errors.ts'
import { invalidText, tooLong } from './fields.ts'

const mostManagerBytes = 128

/** What a name of a field manager may not be. Reference: meta/v1/validation.ValidateFieldManager. */
export function validateManagerName(name: string, field: string): FieldError[] {
  const errors = Buffer.byteLength(name) > mostManagerBytes ? [tooLong(field, mostManagerBytes)] : []
  for (const [position, character] of [...name].entries()) {
    if (!/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(character)) continue
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    errors.push(invalidText(field, goQuoted(name), `invalid character U+${code} (at position ${position})`))
  }
  return errors
}

const shortEscapes: Record<string, string> = { '\u0007': '\\a', '\u000b': '\\v' }

/** The text in quotes, as Go's `%q` writes it. */
function goQuoted(text: string): string {
  const shown = JSON.stringify(text)
  return shown.replaceAll(/\\u0007|\\u000b/g, (found) => shortEscapes[JSON.parse(`"${found}"`)] ?? found)
}
