'use client'

import type { createWSClient } from '@trpc/client'
import { createContext, useContext, useSyncExternalStore } from 'react'

export type ConnectionStatus = 'connected' | 'connecting' | 'reconnecting' | 'idle'

export interface ConnectionSnapshot {
  status: ConnectionStatus
  /** When the connection was lost, in milliseconds since the epoch; null while it stands. */
  lostAt: number | null
}

const IDLE: ConnectionSnapshot = { status: 'idle', lostAt: null }

/** Follows the tab's WebSocket for the dot in the header. */
export interface ConnectionStore {
  subscribe(listener: () => void): () => void
  get(): ConnectionSnapshot
}

/** Turns the states of the client library into what a person is told: since when nothing live has come. */
export function createConnectionStore(client: ReturnType<typeof createWSClient>): ConnectionStore {
  let snapshot = IDLE
  let wasConnected = false
  const listeners = new Set<() => void>()
  client.connectionState.subscribe({
    next(state) {
      if (state.state === 'pending') {
        wasConnected = true
        snapshot = { status: 'connected', lostAt: null }
      } else if (state.state === 'connecting') {
        const lost = wasConnected || state.error !== null
        snapshot = {
          status: lost ? 'reconnecting' : 'connecting',
          lostAt: lost ? (snapshot.lostAt ?? Date.now()) : null,
        }
      } else {
        snapshot = IDLE
        wasConnected = false
      }
      for (const listener of listeners) listener()
    },
  })
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    get: () => snapshot,
  }
}

const noStore: ConnectionStore = { subscribe: () => () => undefined, get: () => IDLE }
export const ConnectionContext = createContext<ConnectionStore>(noStore)

/** State of the tab's live connection. */
export function useConnection(): ConnectionSnapshot {
  const store = useContext(ConnectionContext)
  return useSyncExternalStore(store.subscribe, store.get, () => IDLE)
}
