import pg from 'pg'
import type { Logger } from '../server/logger.ts'
import { pause } from '../server/pause.ts'

/** Key of the advisory lock: "slipway" in bytes, cut to 31 bits. One leader a database. */
const LOCK_KEY = 0x736c6977
const RETRY_MS = 1000
const PROBE_MS = 5000
const PROBE_TIMEOUT_MS = 10_000

export interface LeaderOptions {
  databaseUrl: string
  logger: Logger
  /** Called when this process becomes the leader; `lost` is aborted when it is no more. The next try waits for it to end. */
  lead: (lost: AbortSignal) => Promise<void>
}

/**
 * Of several platform processes one reconciles: the one whose session holds the advisory lock. Postgres lets go of it when
 * the session ends, however it ends, so a killed leader is followed within seconds.
 */
export interface Leader {
  isLeading(): boolean
  stats(): { terms: number; failures: number }
  stop(): Promise<void>
}

export function runForLeader(options: LeaderOptions): Leader {
  const stopping = new AbortController()
  const state = { leading: false, terms: 0, failures: 0 }
  const ended = campaign(options, stopping.signal, state)
  return {
    isLeading: () => state.leading,
    stats: () => ({ terms: state.terms, failures: state.failures }),
    async stop() {
      stopping.abort()
      await ended
    },
  }
}

type State = { leading: boolean; terms: number; failures: number }

async function campaign(options: LeaderOptions, stop: AbortSignal, state: State): Promise<void> {
  while (!stop.aborted) {
    try {
      await oneTerm(options, stop, state)
    } catch (error) {
      state.failures++
      options.logger.warn({ err: error }, 'the leader election was interrupted')
    }
    await pause(RETRY_MS, stop)
  }
}

/** One session: asks for the lock until it has it, leads until the session is lost or the process stops. */
async function oneTerm({ databaseUrl, logger, lead }: LeaderOptions, stop: AbortSignal, state: State): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 5000,
    query_timeout: PROBE_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'slipway-leader',
  })
  const lost = new AbortController()
  client.on('error', (error) => lost.abort(error))
  client.on('end', () => lost.abort(new Error('the session ended')))
  try {
    await client.connect()
    const over = AbortSignal.any([lost.signal, stop])
    while (!over.aborted) {
      const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [LOCK_KEY])
      if (rows[0]?.got) break
      await pause(RETRY_MS, over)
    }
    if (over.aborted) return
    state.leading = true
    state.terms++
    logger.info('this process reconciles now')
    const probe = setInterval(() => client.query('SELECT 1').catch((error) => lost.abort(error)), PROBE_MS)
    try {
      await lead(over)
    } finally {
      clearInterval(probe)
    }
  } finally {
    if (state.leading) logger.info('this process reconciles no more')
    state.leading = false
    await client.end().catch((error) => logger.debug({ err: error }, 'the leader session was gone already'))
  }
}
