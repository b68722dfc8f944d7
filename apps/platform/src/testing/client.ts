import { createTRPCClient, httpBatchLink, type TRPCClient } from '@trpc/client'
import type { AppRouter } from '../api/index.ts'

export type ApiClient = TRPCClient<AppRouter>

/** A tRPC client over HTTP batch, with an API token or none. */
export function createApiClient(origin: string, token: string | null): ApiClient {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` }
  return createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${origin}/trpc`, headers, maxItems: 30 })] })
}
