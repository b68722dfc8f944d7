'use client'

import { useEffect, useEffectEvent, useState } from 'react'
import { isTransient, type Problem, problemOf } from './errors.ts'

const FIRST_RETRY_MS = 500
const MAX_RETRY_MS = 15_000

export interface LiveHandlers<T> {
  onData: (data: T) => void
  onError: (error: unknown) => void
  onComplete: () => void
}

interface LiveOptions<T> {
  /** Starts the stream. Called again after a failure that may pass. */
  subscribe: (handlers: LiveHandlers<T>) => { unsubscribe: () => void }
  onData: (data: T) => void
  /** The stream starts anew when this changes. */
  key: string
  enabled?: boolean
}

/**
 * Keeps one subscription open while the component is on the page. A cut connection is the socket's own business; a stream
 * that the platform ended with an error is opened again with growing, jittered delays when the error may pass. Answers the
 * error that stands, null while the stream does.
 */
export function useLive<T>({ subscribe, onData, key, enabled = true }: LiveOptions<T>): Problem | null {
  const [problem, setProblem] = useState<Problem | null>(null)
  const start = useEffectEvent(subscribe)
  const receive = useEffectEvent(onData)

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for everything the stream depends on.
  useEffect(() => {
    if (!enabled) return
    let stopped = false
    let failures = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    let running: { unsubscribe: () => void } | undefined
    const again = () => {
      const delayMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** failures) * (0.5 + Math.random() / 2)
      failures += 1
      if (!stopped) timer = setTimeout(open, delayMs)
    }
    const open = () => {
      running = start({
        onData(data) {
          failures = 0
          setProblem(null)
          receive(data)
        },
        onError(error) {
          if (stopped) return
          setProblem(problemOf(error))
          if (isTransient(error) || problemOf(error).code === 'internal') again()
        },
        onComplete: () => undefined,
      })
    }
    open()
    return () => {
      stopped = true
      clearTimeout(timer)
      running?.unsubscribe()
    }
  }, [key, enabled])

  return problem
}
