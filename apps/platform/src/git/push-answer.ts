import type { ServerResponse } from 'node:http'
import { plainLine, plainText } from '@slipway/domain'
import { encodeBand, encodePkt, FLUSH, KEEP_ALIVE } from './pkt-line.ts'

/** Silence of this length is broken by an empty frame. */
const KEEP_ALIVE_MS = 5000
/** A client that reads this little of what it is sent gets no more lines; the report still comes. */
const BACKLOG_LIMIT_BYTES = 8 * 1024 * 1024

/** What became of one ref; `reason` null: it was updated. */
export interface RefResult {
  ref: string
  reason: string | null
}

/** The answer to a push as git's client reads it: lines for people while it lasts, one report at its end. */
export interface PushAnswer {
  line(text: string): void
  progress(chunk: Buffer): void
  /** Ends the answer. */
  report(unpack: string, results: readonly RefResult[]): void
  /** Ends it without a report: nothing was asked for. */
  end(): void
}

export function openPushAnswer(response: ServerResponse, capabilities: ReadonlySet<string>): PushAnswer {
  const hasSideBand = capabilities.has('side-band-64k')
  const wantsReport = capabilities.has('report-status') || capabilities.has('report-status-v2')
  response.writeHead(200, { 'content-type': 'application/x-git-receive-pack-result', 'cache-control': 'no-cache' })
  response.flushHeaders()
  let timer: NodeJS.Timeout | undefined
  const write = (bytes: Buffer) => {
    clearTimeout(timer)
    if (response.destroyed || response.writableEnded) return
    response.write(bytes)
    if (hasSideBand) timer = setTimeout(() => write(KEEP_ALIVE), KEEP_ALIVE_MS)
  }
  const progress = (chunk: Buffer) => {
    if (hasSideBand && response.writableLength < BACKLOG_LIMIT_BYTES) write(encodeBand(2, chunk))
  }
  const end = () => {
    clearTimeout(timer)
    if (!response.destroyed) response.end()
  }
  if (hasSideBand) timer = setTimeout(() => write(KEEP_ALIVE), KEEP_ALIVE_MS)
  response.once('close', () => clearTimeout(timer))
  return {
    line: (text) => progress(Buffer.from(`${plainText(text)}\n`)),
    progress,
    report(unpack, results) {
      const report = Buffer.concat([
        encodePkt(`unpack ${unpack}\n`),
        ...results.map(({ ref, reason }) =>
          encodePkt(reason === null ? `ok ${ref}\n` : `ng ${ref} ${oneLine(reason)}\n`),
        ),
        FLUSH,
      ])
      if (wantsReport) write(hasSideBand ? Buffer.concat([encodeBand(1, report), FLUSH]) : report)
      end()
    },
    end,
  }
}

const oneLine = (text: string) => plainLine(text).slice(0, 500)
