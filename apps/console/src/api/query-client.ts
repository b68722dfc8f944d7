import { defaultShouldDehydrateQuery, MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { isTransient } from './errors.ts'

const MAX_RETRIES = 3
const MAX_RETRY_DELAY_MS = 8_000

interface QueryClientOptions {
  /** Told of every error of a query or mutation, for what concerns the whole page (an ended session). */
  onError?: (error: unknown) => void
}

/**
 * The cache of one tab, or of one server request. Live streams write into it, so nothing is refetched by the clock; what has
 * no stream is looked up again when its page is opened or the window comes back.
 */
export function createQueryClient({ onError }: QueryClientOptions = {}): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        gcTime: 5 * 60_000,
        retry: (count, error) => count < MAX_RETRIES && isTransient(error),
        retryDelay: (attempt) => Math.min(MAX_RETRY_DELAY_MS, 500 * 2 ** attempt) * (0.5 + Math.random() / 2),
      },
      dehydrate: { shouldDehydrateQuery: defaultShouldDehydrateQuery },
    },
  })
}
