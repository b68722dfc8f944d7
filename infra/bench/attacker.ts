import { createHmac, randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { AppRef } from '@slipway/domain'
import { openSocket } from './streams.ts'

/** What the attacker knows; data of its thread. */
export interface Target {
  name: AttackName
  url: string
  port: number
  /** Of an account that is in no team of the others but one, as a viewer. */
  token: string
  ref: AppRef
  hookUrl: string
}

export const ATTACK_NAMES = [
  'batches of 450 calls come',
  'batches of 30 calls come',
  'one account opens 520 log streams',
  '5,000 anonymous sockets come',
  'forged webhooks come',
  'slow bodies come',
] as const
export type AttackName = (typeof ATTACK_NAMES)[number]

const MALLORY = { 'x-forwarded-for': '192.0.2.66' }

/** Each goes on until `over`, then ends what it began. */
const ATTACKS: Record<AttackName, (target: Target, over: AbortSignal) => Promise<void>> = {
  'batches of 450 calls come': ({ url, token }, over) => {
    const batch = `${url}/trpc/${Array.from({ length: 450 }, () => 'app.list').join(',')}?batch=1&input=%7B%7D`
    return flood(10, () => get(batch, token), over)
  },
  'batches of 30 calls come': ({ url, token }, over) => {
    const input = JSON.stringify(Object.fromEntries(Array.from({ length: 30 }, (_, n) => [n, {}])))
    const names = Array.from({ length: 30 }, () => 'app.list').join(',')
    return flood(10, () => get(`${url}/trpc/${names}?batch=1&input=${encodeURIComponent(input)}`, token), over)
  },
  'one account opens 520 log streams': streams,
  '5,000 anonymous sockets come': sockets,
  'forged webhooks come': ({ hookUrl }, over) => flood(20, () => forge(hookUrl), over),
  'slow bodies come': slowBodies,
}

async function flood(clients: number, send: () => Promise<unknown>, over: AbortSignal): Promise<void> {
  const client = async () => {
    while (!over.aborted) await send().catch(() => sleep(10))
  }
  await Promise.all(Array.from({ length: clients }, client))
}

async function get(url: string, token: string): Promise<void> {
  await (await fetch(url, { headers: { ...MALLORY, authorization: `Bearer ${token}` } })).arrayBuffer()
}

async function forge(url: string): Promise<void> {
  const body = JSON.stringify({ ref: 'refs/heads/main', after: 'c'.repeat(40) })
  const signature = createHmac('sha256', 'guessed').update(body).digest('hex')
  const answer = await fetch(url, {
    method: 'POST',
    body,
    headers: {
      ...MALLORY,
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${signature}`,
    },
  })
  await answer.arrayBuffer()
}

async function streams({ url, token, ref }: Target, over: AbortSignal): Promise<void> {
  const socket = openSocket(url, token)
  const following = Array.from({ length: 520 }, () =>
    socket.api.live.logs.subscribe({ ...ref, tail: 10 }, { onData: () => undefined, onError: () => undefined }),
  )
  await ended(over)
  for (const each of following) each.unsubscribe()
  await socket.stop()
}

/** Raw connections, a hundred at a time: every one asks to be upgraded, none says who it is. */
async function sockets({ port }: Target, over: AbortSignal): Promise<void> {
  const ask = () =>
    new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.once('close', () => resolve())
      socket.resume()
      socket.write(
        'GET /trpc HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.66\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2xpcHdheS1zbGlwd2F5IQ==\r\n\r\n',
      )
    })
  for (let asked = 0; asked < 5000 && !over.aborted; asked += 100) await Promise.all(Array.from({ length: 100 }, ask))
  await ended(over)
}

async function slowBodies({ port }: Target, over: AbortSignal): Promise<void> {
  const slow = Array.from({ length: 200 }, () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.resume()
    socket.write(
      'POST /trpc/session.login HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.66\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    )
    return socket
  })
  await ended(over)
  for (const socket of slow) socket.destroy()
}

const ended = (over: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (over.aborted) resolve()
    over.addEventListener('abort', () => resolve(), { once: true })
  })

if (parentPort !== null) {
  const over = new AbortController()
  // A message ends it.
  parentPort.once('message', () => over.abort())
  const target: Target = workerData
  await ATTACKS[target.name](target, over.signal)
}
