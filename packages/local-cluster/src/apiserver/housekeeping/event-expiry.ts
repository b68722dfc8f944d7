import { stringOf } from '../../types/json.ts'
import type { KubernetesObject } from '../../types/objects.ts'
import { Events } from '../../types/resources.ts'
import type { ApiCore } from '../core/core.ts'
import { asJson } from '../core/decode-body.ts'
import type { Housekeeping } from './context.ts'

/** How long events are kept; the real server's --event-ttl. */
const keepMs = 60 * 60_000
const mostEvents = 10_000
/** How many too many there may be before the next minute comes. */
const mostSurplus = 1_000
const sweepEveryMs = 60_000

/** Events go after an hour, the oldest earlier where there are too many. */
export function startEventExpiry(core: ApiCore, onError: (error: unknown, what: string) => void): Housekeeping {
  const { store } = core
  const sweep = () => {
    try {
      sweepEvents(core, Date.now())
    } catch (error) {
      onError(error, 'removal of old events')
    }
  }
  const timer = setInterval(sweep, sweepEveryMs)
  timer.unref()
  const stop = store.subscribe(Events, ({ type }) => {
    if (type === 'ADDED' && store.count(Events) > mostEvents + mostSurplus) sweep()
  })
  return {
    stop() {
      clearInterval(timer)
      stop()
    },
  }
}

export function sweepEvents(core: ApiCore, nowMs: number): number {
  const events = core.store.list(Events).map((event) => ({ event, atMs: lastSeenMs(event) }))
  events.sort((a, b) => a.atMs - b.atMs)
  const surplus = Math.max(0, events.length - mostEvents)
  const old = events.filter(({ atMs }, index) => index < surplus || nowMs - atMs > keepMs)
  for (const { event } of old) core.store.remove(Events, event)
  return old.length
}

function lastSeenMs(event: KubernetesObject): number {
  const json = asJson(event)
  const time =
    stringOf(json, 'lastTimestamp') || stringOf(json, 'eventTime') || (event.metadata.creationTimestamp ?? '')
  const ms = Date.parse(time)
  return Number.isNaN(ms) ? 0 : ms
}
