'use client'

import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '#api/trpc.ts'
import { Notice } from '#ui/notice.tsx'

const ASK_AGAIN_MS = 15_000

/** What keeps the whole installation from its work, above every page, for as long as it lasts: a full disk. */
export function ProblemBanner() {
  const trpc = useTRPC()
  const options = trpc.setup.status.queryOptions(undefined, { refetchInterval: ASK_AGAIN_MS })
  const problem = useQuery(options).data?.problem
  if (!problem) return null
  return (
    <Notice tone="degraded" live className="m-4 mb-0">
      {problem}
    </Notice>
  )
}
