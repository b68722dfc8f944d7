import type { Cluster } from '@slipway/kube'

/** Longer than a watch or a busy API server needs, short enough that an outage is said within five seconds. */
export const SILENT_MS = 3500
const BEAT_MS = 1000
/** A request that hangs tells nothing; the next one may be answered. */
const BEAT_TIMEOUT_MS = 2000
const CHECK_MS = 250

/**
 * Whether the cluster answers. A watch that is cut says so at once, one whose server hangs says nothing for minutes, so the API
 * server is asked for its version once a second as well.
 */
export interface Pulse {
  /** Milliseconds for which the cluster has not been heard of; 0 while it answers. */
  silentForMs(): number
  /** Called when the cluster falls silent for longer than SILENT_MS, and when it is heard again. */
  onChange(listener: () => void): () => void
  start(): void
  stop(): void
}

export function createPulse(cluster: Pick<Cluster, 'version'>, isWatching: () => boolean): Pulse {
  const listeners = new Set<() => void>()
  const stopping = new AbortController()
  let timers: NodeJS.Timeout[] = []
  let heardAt = Date.now()
  let watchedAt = Date.now()
  let wasSilent = false

  const silentForMs = () => {
    const ms = Date.now() - Math.min(heardAt, watchedAt)
    return ms > BEAT_MS + BEAT_TIMEOUT_MS ? ms : 0
  }
  function beat(): void {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(BEAT_TIMEOUT_MS)])
    cluster.version({ signal }).then(
      () => {
        heardAt = Date.now()
      },
      () => undefined, // Not being heard is the message.
    )
  }
  function check(): void {
    if (isWatching()) watchedAt = Date.now()
    const silent = silentForMs() > SILENT_MS
    if (silent === wasSilent) return
    wasSilent = silent
    for (const listener of listeners) listener()
  }
  return {
    silentForMs,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    start() {
      heardAt = Date.now()
      watchedAt = Date.now()
      timers = [setInterval(beat, BEAT_MS), setInterval(check, CHECK_MS)]
    },
    stop() {
      for (const timer of timers) clearInterval(timer)
      stopping.abort()
    },
  }
}
