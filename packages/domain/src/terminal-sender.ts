import { encodeBase64 } from './base64.ts'
import { TERMINAL_INPUT_BYTES } from './inputs/terminal.ts'

/** What run.send and exec.send take as `input`. */
export interface SentInput {
  writer: string
  at: number
  data: string
  end: boolean
}

export interface TerminalSenderOptions {
  /** Made up for this client. */
  writer: string
  /** Rejects where nobody knows whether it has arrived. */
  send(session: string, input: SentInput): Promise<{ taken: boolean }>
  /** Whether an error of `send` says that the session is over. */
  isOver(error: unknown): boolean
  /** Told of input that may not have arrived, and is not sent again. */
  onLost(bytes: number): void
  /** Called when everything that was typed has been taken. */
  onIdle?(): void
  /** Time before what was not taken, or whose answer did not come, is sent again. */
  retryMs?: number
}

/** Sends what is typed in order, a piece at a time: while one is under way, what is typed becomes the next. */
export interface TerminalSender {
  type(data: Uint8Array): void
  /** Nothing comes after it. */
  end(): void
  /** The session that events come from; null while input is not taken. */
  connected(session: string | null): void
  /** Bytes that were not taken yet. */
  pendingBytes(): number
  stop(): void
}

const RETRY_MS = 500

/**
 * The client's half of a terminal's input: nothing is typed twice, whatever is cut. Within a session the server takes a repeated piece
 * once, by its position; what was under way when a session ended is dropped.
 */
export function createTerminalSender(options: TerminalSenderOptions): TerminalSender {
  const { writer, send, isOver, onLost, retryMs = RETRY_MS } = options
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let session: string | null = null
  let isOpen = false
  let at = 0
  let sent: { data: Uint8Array; end: boolean; isUnderWay: boolean } | null = null
  let ends = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let isStopped = false

  function next(): typeof sent {
    if (waitingBytes === 0 && !ends) return null
    const all = joinBytes(waiting, waitingBytes)
    const data = all.subarray(0, TERMINAL_INPUT_BYTES)
    const rest = all.subarray(data.length)
    waiting = rest.length === 0 ? [] : [rest]
    waitingBytes = rest.length
    const end = ends && rest.length === 0
    if (end) ends = false
    return { data, end, isUnderWay: false }
  }

  function again(): void {
    clearTimeout(timer)
    timer = setTimeout(pump, retryMs)
  }

  function drop(): void {
    if (sent !== null) onLost(sent.data.length)
    sent = null
  }

  function pump(): void {
    if (isStopped || session === null || !isOpen) return
    sent ??= next()
    if (sent === null || sent.isUnderWay) return
    const piece = sent
    const of = session
    piece.isUnderWay = true
    send(of, { writer, at, data: encodeBase64(piece.data), end: piece.end }).then(
      ({ taken }) => {
        piece.isUnderWay = false
        if (sent !== piece || session !== of) return
        if (!taken) return again()
        at += piece.data.length
        sent = null
        pump()
        if (sent === null) options.onIdle?.()
      },
      (error) => {
        piece.isUnderWay = false
        if (sent !== piece || session !== of) return
        if (!isOver(error)) return again()
        drop()
        session = null
      },
    )
  }

  return {
    type(data) {
      waiting.push(data)
      waitingBytes += data.length
      pump()
    },
    end() {
      ends = true
      pump()
    },
    connected(now) {
      isOpen = now !== null
      if (now !== null && now !== session) {
        drop()
        session = now
        at = 0
      }
      pump()
    },
    pendingBytes: () => waitingBytes + (sent?.data.length ?? 0),
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}

function joinBytes(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length)
  let position = 0
  for (const part of parts) {
    whole.set(part, position)
    position += part.length
  }
  return whole
}
