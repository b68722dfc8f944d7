'use client'

import type { AppRef } from '@slipway/domain'
import { useState } from 'react'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPCClient } from '#api/trpc.ts'

/** A config var's value in clear, asked for only on a click and kept only as long as it is shown. */
export function useReveal(appRef: AppRef, key: string) {
  const client = useTRPCClient()
  const [value, setValue] = useState<string | null>(null)
  const [pending, setPending] = useState(false)
  const reveal = async (): Promise<string | null> => {
    setPending(true)
    try {
      const answer = await client.config.reveal.query({ ...appRef, key })
      setValue(answer.value)
      return answer.value
    } catch (error) {
      toast.error(problemOf(error).message)
      return null
    } finally {
      setPending(false)
    }
  }
  return { value, pending, reveal, hide: () => setValue(null) }
}
