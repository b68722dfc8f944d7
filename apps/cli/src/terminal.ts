import { randomUUID } from 'node:crypto'
import {
  AppError,
  type AppRef,
  createTerminalSender,
  decodeBase64,
  type TerminalBatch,
  type TerminalEnd,
  type TerminalSize,
} from '@slipway/domain'
import { toAppError } from './errors.ts'
import { type Io, note, paint } from './io.ts'
import type { Runtime, Session } from './runtime.ts'
import { createKeyReader } from './terminal-keys.ts'

/** Input that is read ahead of what the command has taken. */
const READ_AHEAD_BYTES = 256 * 1024

/** A command that this terminal is connected to. */
export type TerminalTarget =
  | { kind: 'run'; run: string }
  | { kind: 'exec'; exec: string; instance: string | undefined; command: string[]; terminal: boolean }

export interface TerminalOptions {
  /** The keyboard is in raw mode and `~.` leaves; otherwise bytes go through as they are. */
  raw: boolean
  /** Output is printed; it comes another way where it is not. */
  output: boolean
}

/** Clears the screen, and what has left it. */
const CLEAR = '\x1b[2J\x1b[3J\x1b[H'

const sizeOf = ({ stdout: { columns, rows } }: Io): TerminalSize | undefined =>
  columns && rows ? { columns: Math.min(columns, 1000), rows: Math.min(rows, 1000) } : undefined

/**
 * Connects standard input and output with a command until it has ended; null when the person left it, or this program was told to end.
 * Throws what the stream ends with.
 */
export async function useTerminal(
  runtime: Runtime,
  session: Session,
  ref: AppRef,
  target: TerminalTarget,
  options: TerminalOptions,
): Promise<TerminalEnd | null> {
  const { io, signal } = runtime
  const done = Promise.withResolvers<TerminalEnd | null>()
  const fail = (error: unknown) => done.reject(toAppError(error, session.url))
  const screen = createScreen(io, options)
  const calls = callsOf(session, ref, target)
  const sender = createTerminalSender({
    writer: randomUUID(),
    send: calls.send,
    isOver: (error) => toAppError(error, session.url).code === 'conflict',
    onLost(bytes) {
      if (options.raw) screen.remark('Connected anew: what you typed last may not have arrived.')
      else
        fail(new AppError('unavailable', `The connection was cut: of the input, ${bytes} bytes may not have arrived.`))
    },
    onIdle: () => io.stdin.resume(),
  })
  let at: string | null = null
  const keyboard = createKeyboard(io, options, sender, () => done.resolve(null))
  const subscription = calls.subscribe(sizeOf(io), {
    onData({ data }) {
      try {
        screen.show(data)
      } catch (error) {
        return fail(error)
      }
      at = data.ready ? data.session : null
      if (data.ready) keyboard.start()
      sender.connected(at)
      if (data.end !== null) done.resolve(data.end)
    },
    onError: fail,
    onComplete: () => done.resolve({ exitCode: null, failure: 'The terminal has ended.' }),
  })
  session.refused.catch(fail)
  const resize = () => {
    const size = sizeOf(io)
    if (size !== undefined && at !== null) calls.resize(at, size).catch(() => undefined) // The next one counts.
  }
  const leave = () => done.resolve(null)
  io.stdout.on('resize', resize)
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  try {
    return await done.promise
  } finally {
    io.stdout.off('resize', resize)
    signal.removeEventListener('abort', leave)
    sender.stop()
    keyboard.stop()
    if (target.kind === 'exec') await calls.close().catch(() => undefined) // The platform closes it two minutes later.
    subscription.unsubscribe()
  }
}

/** Raw mode begins with the first byte that the program can take, so that Ctrl-C ends the waiting before it. */
function createKeyboard(
  { stdin }: Io,
  { raw }: TerminalOptions,
  sender: ReturnType<typeof createTerminalSender>,
  leave: () => void,
): { start(): void; stop(): void } {
  let isListening = false
  const keys = createKeyReader()
  const onData = (chunk: Buffer | string) => {
    const typed = Buffer.from(chunk)
    const { data, leaves } = raw ? keys(typed) : { data: typed, leaves: false }
    if (data.length > 0) sender.type(data)
    if (leaves) leave()
    if (sender.pendingBytes() > READ_AHEAD_BYTES) stdin.pause()
  }
  const onEnd = () => {
    if (!raw) sender.end()
  }
  return {
    start() {
      if (isListening) return
      isListening = true
      if (raw) stdin.setRawMode?.(true)
      stdin.on('data', onData)
      stdin.once('end', onEnd)
      stdin.resume()
    },
    stop() {
      if (raw) stdin.setRawMode?.(false)
      stdin.off('data', onData)
      stdin.off('end', onEnd)
      stdin.pause()
      // What is still typed must not keep this program from ending.
      if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref()
    },
  }
}

/** Writes output as it is: it is for this terminal, or for the pipe that it goes into. */
function createScreen(io: Io, { raw, output }: TerminalOptions) {
  let isFirst = true
  let waiting: string | null = null
  const remark = (text: string) => note(io, `${raw ? '\r\n' : ''}${paint(io, 'yellow', text)}${raw ? '\r' : ''}`)
  return {
    remark,
    show(batch: TerminalBatch): void {
      if (batch.waiting !== null && batch.waiting !== waiting) remark(batch.waiting)
      waiting = batch.waiting
      if (!output) return
      if (raw && batch.reset && !isFirst) io.stdout.write(CLEAR)
      if (!raw && (batch.skipped > 0 || (batch.reset && !isFirst && batch.output.length > 0))) {
        throw new AppError('unavailable', 'The connection was cut, and a part of the output is lost.')
      }
      isFirst = false
      for (const { stream, data } of batch.output) {
        io[stream].write(decodeBase64(data))
      }
    },
  }
}

type Handlers = {
  onData(event: { data: TerminalBatch }): void
  onError(error: unknown): void
  onComplete(): void
}

/** The calls of either kind of terminal. */
function callsOf({ api }: Session, ref: AppRef, target: TerminalTarget) {
  if (target.kind === 'run') {
    const of = { ...ref, run: target.run }
    return {
      subscribe: (size: TerminalSize | undefined, handlers: Handlers) =>
        api.live.runTerminal.subscribe({ ...of, size }, handlers),
      send: (session: string, input: Parameters<typeof api.run.send.mutate>[0]['input']) =>
        api.run.send.mutate({ ...of, session, input }),
      resize: (session: string, size: TerminalSize) => api.run.send.mutate({ ...of, session, size }),
      close: async () => undefined,
    }
  }
  const { exec, instance, command, terminal } = target
  const of = { ...ref, exec }
  return {
    subscribe: (size: TerminalSize | undefined, handlers: Handlers) =>
      api.live.exec.subscribe({ ...of, instance, command, terminal, size }, handlers),
    send: (session: string, input: Parameters<typeof api.exec.send.mutate>[0]['input']) =>
      api.exec.send.mutate({ ...of, session, input }),
    resize: (session: string, size: TerminalSize) => api.exec.send.mutate({ ...of, session, size }),
    close: async () => void (await api.exec.stop.mutate(of)),
  }
}
