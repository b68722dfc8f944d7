import { stripVTControlCharacters } from 'node:util'
import { toAppError } from './errors.ts'
import { say } from './io.ts'
import type { Runtime, Session } from './runtime.ts'

interface Handlers<Batch> {
  onData(event: { data: Batch }): void
  onError(error: unknown): void
  onComplete(): void
}

/** Prints a log that is kept from its beginning until what it is of has ended; answers the last batch, null where none came. */
export function printKeptLog<Batch extends { lines: string[] }>(
  { io, signal }: Runtime,
  session: Session,
  subscribe: (handlers: Handlers<Batch>) => { unsubscribe(): void },
): Promise<Batch | null> {
  return new Promise((resolve, reject) => {
    let last: Batch | null = null
    const fail = (error: unknown) => reject(toAppError(error, session.url))
    const subscription = subscribe({
      onData({ data }) {
        last = data
        for (const line of data.lines) {
          if (io.json) io.stdout.write(`${JSON.stringify({ text: line })}\n`)
          else say(io, io.color ? line : stripVTControlCharacters(line))
        }
      },
      onError: fail,
      onComplete: () => resolve(last),
    })
    session.refused.catch(fail)
    const stop = () => {
      subscription.unsubscribe()
      resolve(last)
    }
    signal.addEventListener('abort', stop, { once: true })
  })
}
