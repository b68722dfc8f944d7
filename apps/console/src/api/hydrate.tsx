import { HydrationBoundary } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { hydrationState } from './server.ts'

/** Hands what the server loaded during this request to the client components inside. */
export async function Hydrate({ children }: { children: ReactNode }) {
  return <HydrationBoundary state={await hydrationState()}>{children}</HydrationBoundary>
}
