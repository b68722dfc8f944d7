'use client'

import { type EnvironmentRef, type Foreseen, foresee, type PlannedChange, type TeamRef } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '#api/trpc.ts'

/** What is used is measured, so it changes by itself. */
const LOOK_AGAIN_MS = 5_000

/** A team's quota, kept fresh while a page shows it. */
export function useQuota({ team }: TeamRef, enabled = true) {
  const trpc = useTRPC()
  return useQuery(trpc.quota.get.queryOptions({ team }, { refetchInterval: LOOK_AGAIN_MS, enabled }))
}

const NOTHING_FORESEEN: Foreseen = { refusal: null, waits: null }

/** Whether a change will fit, before anybody tries it; null asks nothing. The platform decides again, by the same computation. */
export function useForeseen(place: EnvironmentRef, change: PlannedChange | null): Foreseen {
  const { data: quota } = useQuota(place, change !== null)
  return quota && change ? foresee(quota, place, change) : NOTHING_FORESEEN
}
