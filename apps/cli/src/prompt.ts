import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { AppError } from '@slipway/domain'
import type { Io } from './io.ts'

/** Asks a question on the terminal. With `secret` nothing of the answer is shown. */
export async function ask(
  io: Io,
  question: string,
  { secret = false, signal }: { secret?: boolean; signal: AbortSignal },
): Promise<string> {
  const interrupted = new AbortController()
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const prompt = createInterface({ input: io.stdin, output: secret ? nowhere : io.stderr, terminal: true })
  // On a raw terminal Ctrl-C is a key like any other, and comes as an event instead of a signal.
  prompt.once('SIGINT', () => interrupted.abort())
  try {
    if (secret) io.stderr.write(question)
    return (
      await prompt.question(secret ? '' : question, { signal: AbortSignal.any([signal, interrupted.signal]) })
    ).trim()
  } finally {
    if (secret || interrupted.signal.aborted) io.stderr.write('\n')
    prompt.close()
  }
}

/** Passwords and tokens are short: more than this on standard input is a mistake. */
const STDIN_MAX_BYTES = 64 * 1024

/** The first line of standard input. Throws `invalid_input` when there is none. */
export async function readSecretFromStdin(io: Io, what: string): Promise<string> {
  let text = ''
  for await (const chunk of io.stdin) {
    text += String(chunk)
    if (text.length > STDIN_MAX_BYTES || text.includes('\n')) break
  }
  const line = text.split('\n', 1)[0]?.trim() ?? ''
  if (line === '') throw new AppError('invalid_input', `Standard input holds no ${what}.`)
  return line
}
