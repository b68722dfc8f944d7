import { AppError } from '@slipway/domain'
import { ask } from './prompt.ts'
import type { Runtime } from './runtime.ts'

/**
 * The name of what is to be deleted, repeated: from --confirm, or typed on the terminal. Throws `invalid_input` where it is another, or
 * nobody can be asked.
 */
export async function confirmName(runtime: Runtime, name: string, given: string | undefined): Promise<string> {
  const { io, signal } = runtime
  if (given === undefined && !io.interactive)
    throw new AppError('invalid_input', `This cannot be undone. Repeat the name to confirm: --confirm ${name}`)
  const typed = given ?? (await ask(io, `This cannot be undone. Type ${name} to delete it: `, { signal }))
  if (typed !== name) throw new AppError('invalid_input', `"${typed}" is not ${name}. Nothing was deleted.`)
  return typed
}
