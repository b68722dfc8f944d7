import type { Readable } from 'node:stream'
import { AppError } from '@slipway/domain'
import { encodePkt, FLUSH, takePkt } from './pkt-line.ts'

/** Commands and options of one push, before its pack; a deploy has one ref and a few tags. */
const HEAD_LIMIT_BYTES = 1024 * 1024

/** A ref as a push wants it; all zeros in `from` creates it, in `to` deletes it. */
export interface RefCommand {
  from: string
  to: string
  ref: string
}

/** The head of a push (gitprotocol-pack(5), "Reference Update Request"). */
export interface PushRequest {
  /** Commits whose parents the client does not have. */
  shallow: string[]
  commands: RefCommand[]
  capabilities: ReadonlySet<string>
  /** Values of `git push -o`. */
  options: string[]
  /** First bytes of the pack. */
  rest: Buffer
}

const COMMAND = /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) (\S+)$/

const broken = (detail: string) => new AppError('invalid_input', `This is not a push that git sends: ${detail}.`)

/** Reads the head and leaves the stream at the pack. @throws AppError invalid_input when it is none */
export async function readPushRequest(body: Readable): Promise<PushRequest> {
  const source = createSource(body)
  const shallow: string[] = []
  const commands: RefCommand[] = []
  let capabilities: ReadonlySet<string> = new Set()
  for (let line = await source.next(); line !== null; line = await source.next()) {
    const [text = '', named] = line.replace(/\n$/, '').split('\0', 2)
    if (named !== undefined) capabilities = new Set(named.split(' ').filter((each) => each !== ''))
    if (text.startsWith('shallow ')) {
      shallow.push(text.slice('shallow '.length))
      continue
    }
    const [, from, to, ref] = COMMAND.exec(text) ?? []
    if (!from || !to || !ref) throw broken('a command is malformed')
    commands.push({ from, to, ref })
  }
  const options: string[] = []
  if (capabilities.has('push-options')) {
    for (let line = await source.next(); line !== null; line = await source.next()) options.push(line.trim())
  }
  return { shallow, commands, capabilities, options, rest: await source.release() }
}

/** Frames from the front of a stream; null is a flush. */
function createSource(body: Readable) {
  const chunks = body.iterator({ destroyOnReturn: false })
  let buffer: Buffer = Buffer.alloc(0)
  let seen = 0
  return {
    /** What was read beyond the head. An iterator that is left open would keep the stream from flowing into git. */
    async release(): Promise<Buffer> {
      await chunks.return?.()
      return buffer
    },
    async next(): Promise<string | null> {
      for (;;) {
        const taken = take(buffer)
        if (taken !== null) {
          buffer = taken.rest
          return taken.payload?.toString('utf8') ?? null
        }
        const { value, done } = await chunks.next()
        if (done) throw broken('it ended early')
        seen += (value as Buffer).length
        if (seen - buffer.length > HEAD_LIMIT_BYTES) throw broken('it names too many refs')
        buffer = Buffer.concat([buffer, value as Buffer])
      }
    },
  }
}

function take(buffer: Buffer) {
  try {
    return takePkt(buffer)
  } catch (error) {
    if (error instanceof RangeError) throw broken(error.message)
    throw error
  }
}

/** The head that `git receive-pack` is given in its place: other refs, and a report in a form that we read. */
export function encodePushHead(shallow: readonly string[], commands: readonly RefCommand[]): Buffer {
  const format = (commands[0]?.to.length ?? 40) === 64 ? 'sha256' : 'sha1'
  const lines = commands.map(({ from, to, ref }, index) =>
    encodePkt(
      `${from} ${to} ${ref}${index === 0 ? `\0 report-status side-band-64k object-format=${format} agent=slipway` : ''}`,
    ),
  )
  return Buffer.concat([...shallow.map((commit) => encodePkt(`shallow ${commit}`)), ...lines, FLUSH])
}
