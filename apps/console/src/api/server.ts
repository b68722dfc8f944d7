import { MAX_BATCH_CALLS } from '@slipway/domain'
import type { AppRouter } from '@slipway/platform/api'
import { dehydrate, type QueryClient } from '@tanstack/react-query'
import { createTRPCClient, httpBatchLink } from '@trpc/client'
import { createTRPCOptionsProxy, type TRPCOptionsProxy } from '@trpc/tanstack-react-query'
import { headers } from 'next/headers'
import { forbidden, notFound, redirect } from 'next/navigation'
import { cache } from 'react'
import { env } from '#env.ts'
import { problemOf } from './errors.ts'
import { createQueryClient } from './query-client.ts'

/** How long first paint waits for the platform before the page is sent without data and loads it in the browser. */
const SERVER_TIMEOUT_MS = 8_000

interface ServerApi {
  trpc: TRPCOptionsProxy<AppRouter>
  queryClient: QueryClient
}

/** The platform as the person who made this request sees it: their cookie goes along. One per request. */
export const serverApi = cache(async (): Promise<ServerApi> => {
  const incoming = await headers()
  const passedOn: Record<string, string> = {}
  for (const name of ['cookie', 'x-forwarded-for']) {
    const value = incoming.get(name)
    if (value) passedOn[name] = value
  }
  const client = createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${env().platformUrl}/trpc`,
        headers: passedOn,
        maxItems: MAX_BATCH_CALLS,
        fetch: (url, init) =>
          fetch(url, { ...init, cache: 'no-store', signal: AbortSignal.timeout(SERVER_TIMEOUT_MS) } as RequestInit),
      }),
    ],
  })
  const queryClient = createQueryClient()
  queryClient.setDefaultOptions({ queries: { ...queryClient.getDefaultOptions().queries, retry: false } })
  return { trpc: createTRPCOptionsProxy<AppRouter>({ client, queryClient }), queryClient }
})

/**
 * Waits for what a page needs for its first paint. A missing or foreign thing becomes the not-found page, an ended session
 * the sign-in page. When the platform is away the answer is null: the page is sent without data and asks again itself.
 */
export async function load<T>(work: Promise<T>): Promise<T | null> {
  let code: ReturnType<typeof problemOf>['code']
  try {
    return await work
  } catch (error) {
    code = problemOf(error).code
  }
  if (code === 'unauthenticated') redirect('/login?ended=1')
  if (code === 'not_found' || code === 'invalid_input') notFound()
  if (code === 'forbidden') forbidden()
  return null
}

/** What the server has loaded, for HydrationBoundary. */
export async function hydrationState() {
  const { queryClient } = await serverApi()
  return dehydrate(queryClient)
}
