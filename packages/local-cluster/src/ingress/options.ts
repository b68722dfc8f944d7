import type { LocalApi } from '../types/client.ts'

export interface IngressStats {
  requests: number
  upgrades: number
  /** Requests whose connection was refused and that were sent to another endpoint. */
  retries: number
  /** Requests that waited for an endpoint to become ready. */
  held: number
  /** Requests answered 503 because no endpoint became ready in time, or too many were waiting. */
  unavailable: number
  /** Requests for hosts without a route. */
  unknownHost: number
  /** Requests whose upstream failed in the middle. */
  badGateway: number
  /** In progress now. */
  active: number
}

export interface IngressOptions {
  api: LocalApi
  /** 0 picks a free one. */
  port: number
  host?: string
  /** IngressClass whose Ingresses are routed. */
  ingressClass?: string
  /** Where requests for unknown hosts go; without it they are answered 404. */
  defaultBackendUrl?: string
  /** How long a request waits for a ready endpoint. */
  holdMs?: number
  log?: { warn(message: string, details?: Record<string, unknown>): void }
}

export interface IngressProxy {
  port: number
  url: string
  stats(): IngressStats
  /** Takes no new connections, lets requests in progress end for up to `graceMs`, then cuts them. */
  stop(graceMs?: number): Promise<void>
}
