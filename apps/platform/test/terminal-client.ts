import { randomUUID } from 'node:crypto'
import {
  createTerminalSender,
  decodeBase64,
  type TerminalBatch,
  type TerminalEnd,
  type TerminalSize,
} from '@slipway/domain'
import { createTRPCClient, createWSClient, type TRPCClient, TRPCClientError, wsLink } from '@trpc/client'
import { WebSocket } from 'ws'
import type { AppRouter } from '../src/api/index.ts'
import { waitFor } from '../src/testing/wait.ts'

/** A client of the API over one WebSocket that can be cut. */
function socketClient(url: string, token: string) {
  const open = new Set<WebSocket>()
  class Socket extends WebSocket {
    constructor(address: string | URL) {
      super(address, { headers: { authorization: `Bearer ${token}` } })
      open.add(this)
      this.on('close', () => open.delete(this))
    }
  }
  const client = createWSClient({
    url: `${url.replace('http', 'ws')}/trpc`,
    WebSocket: Socket as unknown as typeof globalThis.WebSocket,
    retryDelayMs: () => 50,
  })
  const api: TRPCClient<AppRouter> = createTRPCClient<AppRouter>({ links: [wsLink({ client })] })
  return {
    api,
    cut: () => {
      for (const socket of open) socket.terminate()
    },
    close: () => client.close(),
  }
}

type Ref = { team: string; project: string; environment: string; app: string }
export type TerminalTarget =
  | { kind: 'run'; run: string }
  | { kind: 'exec'; exec: string; command: string[]; instance?: string; terminal?: boolean }

/** A terminal as the console and the command line have one. */
export function openTerminal(
  platform: { url: string },
  token: string,
  ref: Ref,
  target: TerminalTarget,
  size?: TerminalSize,
) {
  const socket = socketClient(platform.url, token)
  const seen = { shown: '', stderr: '', session: '', resets: 0, lost: 0, ready: false, end: null as TerminalEnd | null }
  let failure: unknown = null
  const sender = createTerminalSender({
    writer: randomUUID(),
    retryMs: 50,
    send: (session, input) =>
      target.kind === 'run'
        ? socket.api.run.send.mutate({ ...ref, run: target.run, session, input })
        : socket.api.exec.send.mutate({ ...ref, exec: target.exec, session, input }),
    isOver: (error) => error instanceof TRPCClientError && error.data?.appCode === 'conflict',
    onLost: (bytes) => {
      seen.lost += bytes
    },
  })
  const ended = Promise.withResolvers<void>()
  const handlers = {
    onData({ data }: { data: TerminalBatch }) {
      if (data.reset) {
        seen.shown = ''
        seen.resets += 1
      }
      for (const { stream, data: text } of data.output) {
        if (stream === 'stderr') seen.stderr += Buffer.from(decodeBase64(text)).toString()
        else seen.shown += Buffer.from(decodeBase64(text)).toString('latin1')
      }
      Object.assign(seen, { session: data.session, ready: data.ready, end: data.end })
      sender.connected(data.ready ? data.session : null)
    },
    onError(error: unknown) {
      failure = error
      ended.resolve()
    },
    onComplete: () => ended.resolve(),
  }
  const { kind, ...input } = target
  const subscription =
    target.kind === 'run'
      ? socket.api.live.runTerminal.subscribe({ ...ref, run: target.run, size }, handlers)
      : socket.api.live.exec.subscribe({ ...ref, ...(input as Omit<typeof target, 'kind'>), size }, handlers)
  return {
    seen,
    api: socket.api,
    cut: socket.cut,
    type: (text: string | Uint8Array) => sender.type(Buffer.from(text)),
    endInput: () => sender.end(),
    ready: () => waitFor('the terminal to be ready', async () => seen.ready || failure !== null),
    shows: (text: string) =>
      waitFor(`“${text}” in ${kind}`, async () => seen.shown.includes(text)).catch((error) => {
        throw new Error(`${error.message}; it shows ${JSON.stringify(seen.shown.slice(-500))}`)
      }),
    /** How it ended; throws what the stream ended with. */
    async ended() {
      await ended.promise
      if (failure !== null) throw failure
      return seen.end
    },
    async close() {
      sender.stop()
      subscription.unsubscribe()
      await socket.close()
    },
  }
}
