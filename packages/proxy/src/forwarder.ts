import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** One place that a request can be sent to. */
export interface Upstream {
  host: string
  port: number
}

/**
 * Chooses where a request goes. `refused` is the last choice where it took no connection; null: nowhere, which ends the
 * request. May take its time; `signal` fires when the client has gone.
 */
export type Picker = (refused: Upstream | null, signal: AbortSignal) => Promise<Upstream | null>

export interface ForwardCounters {
  requests: number
  upgrades: number
  /** Connections refused and tried again somewhere. */
  retries: number
  /** Answered 503: nowhere to go. */
  unavailable: number
  /** Upstreams that failed before they had answered. */
  badGateway: number
  active: number
}

export interface Forwarder {
  /** Sends a request on and its answer back, streaming both. */
  request(request: IncomingMessage, response: ServerResponse, pick: Picker, unavailable: UnavailablePage): Promise<void>
  /** The same for a connection that is to be upgraded (WebSocket). */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, pick: Picker): Promise<void>
  counters(): ForwardCounters
  close(): void
}

/** Body of the 503, as HTML. */
export type UnavailablePage = () => string | Promise<string>
