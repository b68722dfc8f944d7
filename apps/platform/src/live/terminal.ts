import { randomUUID } from 'node:crypto'
import { AppError, type TerminalEnd, type TerminalSize } from '@slipway/domain'
import type { RemoteCommand } from '@slipway/kube'
import type { LogSink } from '../ports/logs.ts'
import type { TerminalEvent, TerminalInput, TerminalOwner } from '../ports/terminals.ts'
import { type Bell, createBell, pause } from '../server/pause.ts'
import { createOutputBuffer, type Output } from './terminal-buffer.ts'

/** Output that a client which was cut, or comes later, is shown. */
const KEPT_BYTES = 256 * 1024
/** Every client is this far behind: the program is paused. */
const BEHIND_BYTES = KEPT_BYTES / 2
/** Cap on the output that is read in each interval, so that one program cannot keep this process busy. */
const PACE_BYTES = 512 * 1024
const PACE_MS = 100
const EVENT_BYTES = 48 * 1024
/** Events wait while the client's connection holds this much. */
const BACKLOG_BYTES = 64 * 1024
const BACKLOG_POLL_MS = 20
/** Input waits while the cluster has so much to take. */
const INPUT_BACKLOG_BYTES = 256 * 1024
/** Clients whose input is counted: one for each page or command that ever joined. */
const MAX_WRITERS = 32

interface Viewer {
  at: number
  bell: Bell
}

export type TerminalState = Pick<TerminalEvent['batch'], 'ready' | 'waiting' | 'instance' | 'end'>

/**
 * One terminal: what it printed last, who watches, and the connection to its container while there is one. A session is one such
 * connection. Input is counted within it, and dropped when it has gone: better lost than typed twice.
 */
export class Terminal {
  readonly id: string
  readonly owner: TerminalOwner
  /** When something was last typed or printed, and when the last client left; milliseconds of the clock. */
  activeAtMs: number
  leftAtMs: number
  #session = randomUUID() as string
  #remote: RemoteCommand | null = null
  #state: TerminalState
  #size: TerminalSize | null = null
  #tookInput = false
  #inputEnded = false
  #paced = 0
  #paceTimer: NodeJS.Timeout | null = null
  readonly #buffer = createOutputBuffer(KEPT_BYTES)
  readonly #viewers = new Set<Viewer>()
  readonly #taken = new Map<string, number>()
  readonly #now: () => number

  constructor(id: string, owner: TerminalOwner, options: { instance: string | null; now: () => number }) {
    this.id = id
    this.owner = owner
    this.#now = options.now
    this.activeAtMs = options.now()
    this.leftAtMs = options.now()
    this.#state = { ready: false, waiting: null, instance: options.instance, end: null }
  }

  get end(): TerminalEnd | null {
    return this.#state.end
  }
  get viewers(): number {
    return this.#viewers.size
  }
  get inputEnded(): boolean {
    return this.#inputEnded
  }
  /** Some input was handed on in any session. */
  get tookInput(): boolean {
    return this.#tookInput
  }

  /** Takes its connection into use. */
  connect(remote: RemoteCommand): void {
    this.#remote = remote
    if (this.#size !== null) this.#redraw(remote, this.#size)
    this.set({ ready: true, waiting: null })
  }

  /** Begins another session with what is known of the output before it. */
  restart(shown: Buffer): void {
    this.#session = randomUUID()
    this.#taken.clear()
    this.#buffer.clear()
    this.#buffer.push({ stream: 'stdout', data: shown })
    this.#ring()
  }

  /** Its connection has gone, or it has ended. */
  disconnect(): void {
    if (this.#paceTimer !== null) clearTimeout(this.#paceTimer)
    this.#paceTimer = null
    this.#remote?.close()
    this.#remote = null
    this.set({ ready: false })
  }

  set(state: Partial<TerminalState>): void {
    this.#state = { ...this.#state, ...state }
    this.#ring()
  }

  output(output: Output): void {
    this.activeAtMs = this.#now()
    this.#buffer.push(output)
    this.#paced += output.data.length
    this.#paceTimer ??= setTimeout(() => {
      this.#paceTimer = null
      this.#paced = 0
      this.#settle()
    }, PACE_MS)
    this.#settle()
    this.#ring()
  }

  /** True where the input was taken. @throws AppError conflict for another session than the present one */
  send({ session, input, size }: TerminalInput): boolean {
    const remote = this.#remote
    if (remote === null || session !== this.#session) {
      throw new AppError('conflict', 'The terminal was connected anew. What was typed meanwhile may not have arrived.')
    }
    if (size !== undefined) {
      this.#size = size
      remote.resize(size)
    }
    if (input === undefined) return true
    const taken = this.#taken.get(input.writer) ?? 0
    if (input.at > taken) throw new AppError('conflict', 'Input is missing that was sent before this.')
    if (remote.backlogBytes() > INPUT_BACKLOG_BYTES) return false
    if (!this.#taken.has(input.writer) && this.#taken.size >= MAX_WRITERS) {
      throw new AppError('rate_limited', 'This terminal was opened too often. Start another.')
    }
    const data = Buffer.from(input.data, 'base64')
    const fresh = data.subarray(taken - input.at)
    this.#taken.set(input.writer, Math.max(taken, input.at + data.length))
    this.activeAtMs = this.#now()
    if (fresh.length > 0) {
      this.#tookInput = true
      remote.write(fresh)
    }
    if (input.end && !this.#inputEnded) {
      this.#inputEnded = true
      remote.endInput()
    }
    return true
  }

  /** Events from where the client is to the end of the terminal. */
  async *follow(
    resumeFrom: string | null,
    size: TerminalSize | undefined,
    sink: LogSink,
    signal: AbortSignal,
  ): AsyncGenerator<TerminalEvent> {
    const viewer: Viewer = { at: 0, bell: createBell() }
    this.#viewers.add(viewer)
    if (size !== undefined) {
      this.#size = size
      if (this.#remote !== null) this.#redraw(this.#remote, size)
    }
    let { session, at } = parsePosition(resumeFrom)
    let told: TerminalState | null = null
    try {
      while (!signal.aborted) {
        while (sink.backlogBytes() > BACKLOG_BYTES && !signal.aborted) await pause(BACKLOG_POLL_MS, signal)
        const reset = session !== this.#session
        if (reset) at = this.#buffer.start
        session = this.#session
        const skipped = Math.max(0, this.#buffer.start - at)
        at = Math.min(Math.max(at, this.#buffer.start), this.#buffer.end)
        const output = this.#buffer.read(at, EVENT_BYTES)
        for (const { data } of output) at += data.length
        viewer.at = at
        this.#settle()
        const isRead = at === this.#buffer.end
        const state = isRead ? this.#state : { ...this.#state, end: null }
        if (reset || output.length > 0 || told !== this.#state) {
          told = isRead ? this.#state : null
          const shown = output.map(({ stream, data }) => ({ stream, data: data.toString('base64') }))
          yield { id: `${session}:${at}`, batch: { session, reset, skipped, output: shown, ...state } }
        }
        if (isRead && state.end !== null) return
        if (isRead && told === this.#state) await viewer.bell.heard(Number.POSITIVE_INFINITY, signal)
      }
    } finally {
      this.#viewers.delete(viewer)
      this.leftAtMs = this.#now()
      this.#settle()
    }
  }

  #ring(): void {
    for (const { bell } of this.#viewers) bell.ring()
  }

  /** Whether the program may go on writing. */
  #settle(): void {
    if (this.#remote === null) return
    const ahead = Math.max(...[...this.#viewers].map(({ at }) => at))
    const isBehind = this.#viewers.size > 0 && this.#buffer.end - ahead > BEHIND_BYTES
    if (isBehind || this.#paced > PACE_BYTES) this.#remote.pause()
    else this.#remote.resume()
  }

  /** Another size than before makes programs draw again what a new client has not seen. */
  #redraw(remote: RemoteCommand, { columns, rows }: TerminalSize): void {
    remote.resize({ columns: columns + 1, rows })
    remote.resize({ columns, rows })
  }
}

/** Of an event's id. One of no session of ours begins anew. */
function parsePosition(id: string | null): { session: string | null; at: number } {
  const [session = null, at] = id?.split(':') ?? []
  const position = Number(at)
  return Number.isSafeInteger(position) && position >= 0 ? { session, at: position } : { session: null, at: 0 }
}
