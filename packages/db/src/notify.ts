import { AppError } from '@slipway/domain'
import pg from 'pg'
import type { Transaction } from './transaction.ts'

/** What a notification is about; the payload is the row's id. A notification is a hint: the rows are the truth. */
export const CHANNELS = [
  'slipway_account',
  'slipway_app',
  'slipway_scaling',
  'slipway_environment',
  'slipway_build',
  'slipway_build_log',
  'slipway_delivery',
  'slipway_run',
  'slipway_run_log',
] as const
export type Channel = (typeof CHANNELS)[number]

/** NOTIFY in the transaction that changes the row: heard when it commits, never when it rolls back. */
export async function notify(tx: Transaction, channel: Channel, id: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_notify(${channel}, ${id})`
}

export interface ListenOptions {
  connectionString: string
  channels: readonly Channel[]
  onMessage: (channel: Channel, id: string) => void
  /** After every connect, the first included: notifications before it are lost, so read every row. */
  onResync: () => void
  onError?: (error: Error) => void
  /** Longest pause between two tries, 5000 when not given. */
  maxDelayMs?: number
}

export interface Listener {
  /** `connects` counts every successful connect, `failures` every lost or refused connection. */
  stats(): { connected: boolean; connects: number; failures: number; messages: number }
  stop(): Promise<void>
}

const MIN_DELAY_MS = 100
/** A connection that died without a FIN is found by asking it something this often. */
const PROBE_INTERVAL_MS = 15_000
const PROBE_TIMEOUT_MS = 10_000

function isChannel(name: string): name is Channel {
  return CHANNELS.some((channel) => channel === name)
}

/**
 * Listens on a plain connection, for as long as it takes: a lost connection is replaced after a jittered, growing pause
 * and `onResync` is called, because Postgres does not keep notifications for those who are away.
 */
export function listen(options: ListenOptions): Listener {
  const counters = { connected: false, connects: 0, failures: 0, messages: 0 }
  const stopping = new AbortController()
  const { signal } = stopping
  const ended = (async () => {
    let delayMs = MIN_DELAY_MS
    while (!signal.aborted) {
      const connectsBefore = counters.connects
      const error = await listenOnce(options, signal, counters)
      counters.connected = false
      if (signal.aborted) return
      counters.failures++
      options.onError?.(error)
      delayMs = counters.connects > connectsBefore ? MIN_DELAY_MS : Math.min(delayMs * 2, options.maxDelayMs ?? 5_000)
      await pause(delayMs * (0.5 + Math.random() / 2), signal)
    }
  })()
  return {
    stats: () => ({ ...counters }),
    async stop() {
      stopping.abort()
      await ended
    },
  }
}

/** One connection's life. Resolves with why it ended. */
async function listenOnce(
  options: ListenOptions,
  signal: AbortSignal,
  counters: { connected: boolean; connects: number; messages: number },
): Promise<Error> {
  const client = new pg.Client({
    connectionString: options.connectionString,
    connectionTimeoutMillis: 5_000,
    query_timeout: PROBE_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'slipway-listen',
  })
  const lost = new Promise<Error>((resolve) => {
    client.on('error', resolve)
    client.on('end', () => resolve(new AppError('unavailable', 'The database closed the connection that listens.')))
    signal.addEventListener('abort', () => resolve(new Error('stopped')), { once: true })
  })
  client.on('notification', ({ channel, payload }) => {
    if (!isChannel(channel) || !payload) return
    counters.messages++
    options.onMessage(channel, payload)
  })
  let probe: NodeJS.Timeout | undefined
  try {
    await client.connect()
    for (const channel of options.channels) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`)
    counters.connects++
    counters.connected = true
    options.onResync()
    return await Promise.race([
      lost,
      new Promise<Error>((resolve) => {
        probe = setInterval(() => client.query('SELECT 1').catch(resolve), PROBE_INTERVAL_MS)
      }),
    ])
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  } finally {
    clearInterval(probe)
    await Promise.race([client.end().catch(() => undefined), pause(1_000, signal)])
  }
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, delayMs)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
