import http, { type OutgoingHttpHeaders } from 'node:http'
import type { Upstream } from './options.ts'

/** A copy that falls behind by more than this is given up: the request itself never waits for it. */
const MOST_BEHIND_BYTES = 1_048_576
const PATIENCE_MS = 30_000

/** Copies of one request. Whatever becomes of them, nobody is told. */
export interface Mirrors {
  write(chunk: Buffer): void
  end(): void
  abort(): void
}

/** Sends copies of a request's head; its body is to follow by `write`. Answers are read and dropped. */
export function startMirrors(
  upstreams: readonly Upstream[],
  head: { method: string | undefined; path: string | undefined; headers: OutgoingHttpHeaders },
): Mirrors {
  const open = upstreams.map(({ host, port }) => {
    const copy = http.request({ host, port, ...head, agent: false, timeout: PATIENCE_MS })
    copy.on('error', () => undefined)
    copy.on('timeout', () => copy.destroy())
    copy.on('response', (answer) => {
      answer.on('error', () => undefined)
      answer.resume()
    })
    return copy
  })
  return {
    write(chunk) {
      for (const copy of open) {
        if (copy.destroyed) continue
        if (copy.writableLength > MOST_BEHIND_BYTES) copy.destroy()
        else copy.write(chunk)
      }
    },
    end() {
      for (const copy of open) if (!copy.destroyed) copy.end()
    },
    abort() {
      for (const copy of open) copy.destroy()
    },
  }
}
