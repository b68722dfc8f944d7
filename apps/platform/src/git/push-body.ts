import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { AppError } from '@slipway/domain'
import { PACK_LIMIT_BYTES } from './repositories.ts'

/** A client that sends nothing of its push for this long is let go. */
const STALL_MS = 10 * 60_000

/** The body of a push on its way to git. */
export interface PushBody {
  stream: Transform
  /** Every byte of the request has come. */
  isWhole(): boolean
  /** Also of an error that was before. */
  onError(listener: (error: Error) => void): void
  /** Reads what is left without keeping it. */
  drain(signal: AbortSignal): Promise<void>
}

/** The request's body, inflated and counted. */
export function pushBodyOf(request: IncomingMessage): PushBody {
  let seen = 0
  let whole = false
  const stalled = setTimeout(() => counted.destroy(new AppError('unavailable', 'The push stalled.')), STALL_MS)
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      stalled.refresh()
      seen += chunk.length
      done(seen > PACK_LIMIT_BYTES ? new AppError('too_large', TOO_LARGE) : null, chunk)
    },
  })
  request.once('end', () => {
    whole = true
    clearTimeout(stalled)
  })
  request.once('close', () => whole || counted.destroy(new Error('the request was cut')))
  const inflated = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request
  inflated.on('error', (error) => counted.destroy(error))
  inflated.pipe(counted)
  const errors: ((error: Error) => void)[] = []
  counted.on('error', (error) => {
    clearTimeout(stalled)
    request.unpipe()
    request.resume()
    for (const each of errors) each(error)
  })
  return {
    stream: counted,
    isWhole: () => whole,
    onError(listener) {
      if (counted.errored !== null) listener(counted.errored)
      else errors.push(listener)
    },
    async drain(signal) {
      counted.resume()
      if (whole || counted.destroyed) return
      await Promise.race([once(request, 'end', { signal }), once(request, 'close', { signal })]).catch(() => {
        // Cut while it was read: there is nothing to wait for.
      })
    },
  }
}

const TOO_LARGE = 'This push is too large. A push may be at most 512 MiB; leave large files out of the repository.'
