import { request } from 'node:http'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { readHookEnvironment } from '../env.ts'

/**
 * The pre-receive hook (githooks(5)): hands the pushed refs to the platform that started git, prints the lines it
 * answers (the client shows them as `remote: …`), and accepts or refuses the push by its verdict.
 */

/** Refs of one push; more is not a deploy. */
const INPUT_LIMIT_BYTES = 1024 * 1024
/** The platform sends a heartbeat every few seconds; silence this long means that it is gone. */
const SILENCE_MS = 120_000

const answerSchema = z.union([
  z.object({ line: z.string() }),
  z.object({ heartbeat: z.literal(true) }),
  z.object({ accepted: z.boolean() }),
])

async function readUpdates(): Promise<{ from: string; to: string; ref: string }[]> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin) {
    size += chunk.length
    if (size > INPUT_LIMIT_BYTES) throw new Error('too many refs in one push; push fewer at once')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [from = '', to = '', ref = ''] = line.split(' ')
      return { from, to, ref }
    })
}

function ask(body: string, env: ReturnType<typeof readHookEnvironment>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let accepted: boolean | null = null
    const call = request(
      env.SLIPWAY_PUSH_URL,
      {
        method: 'POST',
        timeout: SILENCE_MS,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          authorization: `Bearer ${env.SLIPWAY_PUSH_TOKEN}`,
        },
      },
      (response) => {
        if (response.statusCode !== 200) {
          reject(new Error(`the platform answered ${response.statusCode}`))
          response.resume()
          return
        }
        const lines = createInterface({ input: response })
        lines.on('line', (text) => {
          const answer = answerSchema.parse(JSON.parse(text))
          if ('line' in answer) process.stdout.write(`${answer.line}\n`)
          if ('accepted' in answer) accepted = answer.accepted
        })
        response.on('error', reject)
        response.on('close', () => {
          if (accepted === null) reject(new Error('the connection ended before the deploy did'))
          else resolve(accepted)
        })
      },
    )
    call.on('timeout', () => call.destroy(new Error('the platform fell silent')))
    call.on('error', reject)
    call.end(body)
  })
}

try {
  const env = readHookEnvironment(process.env)
  const updates = await readUpdates()
  const quarantine = {
    objectDirectory: env.GIT_OBJECT_DIRECTORY ?? null,
    alternates: env.GIT_ALTERNATE_OBJECT_DIRECTORIES ?? null,
  }
  process.exitCode = (await ask(JSON.stringify({ updates, quarantine }), env)) ? 0 : 1
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error)
  process.stdout.write(
    `\n! Push rejected: Slipway was interrupted (${reason}).\n! A build that had begun goes on by itself; see the app's page, or push again.\n`,
  )
  process.exitCode = 1
}
