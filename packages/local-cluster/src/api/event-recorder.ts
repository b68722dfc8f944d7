import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import type { EventToRecord } from './client.ts'
import type { JsonObject, KubernetesObject } from './objects.ts'

/** Events of the same kind within this time raise `count` of the first; then a new one begins. As client-go's aggregator. */
const repeatWindowMs = 10 * 60_000
const mostRemembered = 4096
/** Most new events about one object: a burst of 25, then one every five minutes, as client-go's spam filter. */
const burst = 25
const refillMs = 5 * 60_000

export interface EventWriter {
  create(namespace: string, event: JsonObject): KubernetesObject
  /** Null where the event is gone. */
  repeat(namespace: string, name: string, count: number, lastTimestamp: string): KubernetesObject | null
}

interface Remembered {
  name: string
  count: number
  lastMs: number
}

/** Writes events as client-go's recorder does: repeats are counted, floods are dropped (and counted here). */
export class EventRecorder {
  readonly #writer: EventWriter
  readonly #nowMs: () => number
  readonly #remembered = new Map<string, Remembered>()
  readonly #budgets = new Map<string, { tokens: number; atMs: number }>()
  readonly counters = { written: 0, repeated: 0, dropped: 0 }

  constructor(writer: EventWriter, nowMs: () => number) {
    this.#writer = writer
    this.#nowMs = nowMs
  }

  record(event: EventToRecord): void {
    const nowMs = this.#nowMs()
    if (!this.#spend(event, nowMs)) {
      this.counters.dropped += 1
      return
    }
    const namespace = event.about.metadata.namespace ?? 'default'
    const key = this.#key(event)
    const known = this.#remembered.get(key)
    if (known !== undefined && event.action === undefined && nowMs - known.lastMs < repeatWindowMs) {
      const count = known.count + 1
      if (this.#writer.repeat(namespace, known.name, count, rfc3339(nowMs)) !== null) {
        this.#remember(key, { ...known, count, lastMs: nowMs })
        this.counters.repeated += 1
        return
      }
    }
    const made = this.#writer.create(namespace, this.#object(event, namespace, nowMs))
    this.#remember(key, { name: made.metadata.name, count: 1, lastMs: nowMs })
    this.counters.written += 1
  }

  #key(event: EventToRecord): string {
    const { about, fieldPath = '', type, reason, message, component, host = '' } = event
    const parts = [about.metadata.uid, about.kind, fieldPath, type, reason, message, component, host]
    return createHash('sha256').update(JSON.stringify(parts)).digest('base64')
  }

  #remember(key: string, value: Remembered): void {
    this.#remembered.delete(key)
    this.#remembered.set(key, value)
    if (this.#remembered.size > mostRemembered) {
      const oldest = this.#remembered.keys().next().value
      if (oldest !== undefined) this.#remembered.delete(oldest)
    }
  }

  #spend(event: EventToRecord, nowMs: number): boolean {
    const key = `${event.component}/${event.about.metadata.uid ?? event.about.metadata.name}/${event.host ?? ''}`
    const budget = this.#budgets.get(key) ?? { tokens: burst, atMs: nowMs }
    const tokens = Math.min(burst, budget.tokens + (nowMs - budget.atMs) / refillMs)
    this.#budgets.delete(key)
    this.#budgets.set(key, { tokens: Math.max(0, tokens - 1), atMs: nowMs })
    if (this.#budgets.size > mostRemembered) {
      const oldest = this.#budgets.keys().next().value
      if (oldest !== undefined) this.#budgets.delete(oldest)
    }
    return tokens >= 1
  }

  #object(event: EventToRecord, namespace: string, nowMs: number): JsonObject {
    const { about, fieldPath, type, reason, message, component, host, action } = event
    const { uid, resourceVersion, name } = about.metadata
    const stamp = (BigInt(nowMs) * 1_000_000n + BigInt(process.hrtime.bigint() % 1_000_000n)).toString(16)
    const common = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${stamp}`, namespace },
      involvedObject: {
        kind: about.kind,
        ...(about.metadata.namespace === undefined ? {} : { namespace: about.metadata.namespace }),
        name,
        ...(uid === undefined ? {} : { uid }),
        apiVersion: about.apiVersion,
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        ...(fieldPath === undefined ? {} : { fieldPath }),
      },
      reason,
      message,
      type,
      reportingComponent: component,
    }
    if (action !== undefined) {
      const eventTime = `${new Date(nowMs).toISOString().slice(0, -1)}000Z`
      return { ...common, source: {}, eventTime, action, reportingInstance: host ?? `${component}-${hostname()}` }
    }
    return {
      ...common,
      source: { component, ...(host === undefined ? {} : { host }) },
      firstTimestamp: rfc3339(nowMs),
      lastTimestamp: rfc3339(nowMs),
      count: 1,
      reportingInstance: host ?? '',
    }
  }
}

function rfc3339(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
