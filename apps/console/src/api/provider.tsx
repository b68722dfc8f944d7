'use client'

import { goesOverSocket, MAX_BATCH_CALLS } from '@slipway/domain'
import type { AppRouter } from '@slipway/platform/api'
import { QueryClientProvider } from '@tanstack/react-query'
import { createTRPCClient, createWSClient, httpBatchLink, splitLink, wsLink } from '@trpc/client'
import { type ReactNode, useState } from 'react'
import { ConnectionContext, createConnectionStore } from './connection.ts'
import { problemOf } from './errors.ts'
import { createQueryClient } from './query-client.ts'
import { TRPCProvider } from './trpc.ts'

const MAX_RECONNECT_DELAY_MS = 15_000
/** Long enough that moving between two live pages keeps the connection. */
const IDLE_CLOSE_MS = 30_000

function toSignIn(error: unknown): void {
  if (problemOf(error).code !== 'unauthenticated' || location.pathname.startsWith('/login')) return
  const next = `${location.pathname}${location.search}`
  location.assign(`/login?${new URLSearchParams({ ended: '1', next })}`)
}

/** One WebSocket a tab carries every subscription; it pings, and comes back by itself with jittered delays. */
function createSocket() {
  return createWSClient({
    url: () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/trpc`,
    lazy: { enabled: true, closeMs: IDLE_CLOSE_MS },
    keepAlive: { enabled: true, intervalMs: 20_000, pongTimeoutMs: 10_000 },
    retryDelayMs: (attempt) => Math.min(MAX_RECONNECT_DELAY_MS, 300 * 2 ** attempt) * (0.5 + Math.random() / 2),
  })
}

function createApi() {
  const socket = createSocket()
  const client = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: goesOverSocket,
        true: wsLink({ client: socket }),
        false: httpBatchLink({ url: '/trpc', maxURLLength: 4_000, maxItems: MAX_BATCH_CALLS }),
      }),
    ],
  })
  // A browser does not say why a WebSocket was refused: where the session has ended, this call is told so.
  socket.connectionState.subscribe({
    next: ({ state, error }) => {
      if (state === 'connecting' && error !== null) client.account.get.query().catch(toSignIn)
    },
  })
  return {
    connection: createConnectionStore(socket),
    queryClient: createQueryClient({ onError: toSignIn }),
    client,
  }
}

/** Everything client components need to talk to the platform. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const [api] = useState(createApi)
  return (
    <ConnectionContext value={api.connection}>
      <QueryClientProvider client={api.queryClient}>
        <TRPCProvider trpcClient={api.client} queryClient={api.queryClient}>
          {children}
        </TRPCProvider>
      </QueryClientProvider>
    </ConnectionContext>
  )
}
