import { AppError } from '@slipway/domain'

/** What cannot be undone asks for the name once more. Throws `invalid_input` when it is another. */
export function checkConfirmed(confirm: string, name: string): void {
  if (confirm !== name)
    throw new AppError('invalid_input', `To delete it, repeat its name: ${name}.`, { expected: name })
}
