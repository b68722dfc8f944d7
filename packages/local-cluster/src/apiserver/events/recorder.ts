import { hostname } from 'node:os'
import type { EventToRecord } from '../../types/client.ts'
import type { JsonObject, KubernetesObject } from '../../types/objects.ts'
import { microTimestamp, timestamp } from '../../types/times.ts'
import { type Correlated, EventCorrelator } from './correlator.ts'
import { EventSeries, type SeriesUpdate } from './series.ts'

export interface EventWriter {
  create(namespace: string, event: JsonObject): KubernetesObject
  /** Null where the event is gone. */
  patch(namespace: string, name: string, body: JsonObject): KubernetesObject | null
}

/**
 * Writes events as client-go's recorders do: what repeats is counted, what is similar is combined, and floods are dropped
 * (and counted here). Reference: k8s.io/client-go/tools/record, and tools/events for events with an action.
 */
export class EventRecorder {
  readonly #writer: EventWriter
  readonly #nowMs: () => number
  readonly #correlator = new EventCorrelator()
  readonly #series = new EventSeries()
  #lastNs = 0n
  readonly counters = { written: 0, repeated: 0, dropped: 0 }

  constructor(writer: EventWriter, nowMs: () => number) {
    this.#writer = writer
    this.#nowMs = nowMs
  }

  record(event: EventToRecord): void {
    const nowMs = this.#nowMs()
    const namespace = event.about.metadata.namespace ?? 'default'
    const name = `${event.about.metadata.name}.${this.#nanoseconds(nowMs).toString(16)}`
    if (event.action !== undefined) this.#recordSeries(event, namespace, name, nowMs)
    else this.#recordCounted(event, namespace, name, nowMs)
  }

  /** Now in nanoseconds since the epoch. Always later than before, so that names stand in the order of what happened. */
  #nanoseconds(nowMs: number): bigint {
    // The clock has milliseconds; what is below keeps names apart that others make in the same one.
    const now = BigInt(nowMs) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n)
    this.#lastNs = now > this.#lastNs ? now : this.#lastNs + 1n
    return this.#lastNs
  }

  #recordCounted(event: EventToRecord, namespace: string, newName: string, nowMs: number): void {
    const correlated = this.#correlator.correlate(event, newName, nowMs)
    if (correlated.dropped) {
      this.counters.dropped += 1
      return
    }
    const { name, count, message } = correlated
    if (count > 1) {
      const change = { count, lastTimestamp: timestamp(nowMs), message }
      if (this.#writer.patch(namespace, name, change) !== null) {
        this.counters.repeated += 1
        return
      }
    }
    this.#writer.create(namespace, countedEvent(event, namespace, correlated, nowMs))
    this.counters.written += 1
  }

  #recordSeries(event: EventToRecord, namespace: string, name: string, nowMs: number): void {
    for (const over of this.#series.finish(nowMs)) this.#writeSeries(over)
    const update = this.#series.repeat(event, namespace, name, nowMs)
    if (update === 'later' || (update !== null && this.#writeSeries(update))) {
      this.counters.repeated += 1
      return
    }
    if (update !== null) {
      this.#series.forget(event)
      this.#series.repeat(event, namespace, name, nowMs)
    }
    this.#writer.create(namespace, newFormEvent(event, namespace, name, nowMs))
    this.counters.written += 1
  }

  #writeSeries({ namespace, name, count, lastMs }: SeriesUpdate): boolean {
    return this.#writer.patch(namespace, name, { series: { count, lastObservedTime: microTimestamp(lastMs) } }) !== null
  }
}

function commonFields({ about, fieldPath, reason, type }: EventToRecord, namespace: string, name: string): JsonObject {
  const { uid, resourceVersion } = about.metadata
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: {
      kind: about.kind,
      ...(about.metadata.namespace === undefined ? {} : { namespace: about.metadata.namespace }),
      name: about.metadata.name,
      ...(uid === undefined ? {} : { uid }),
      apiVersion: about.apiVersion,
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(fieldPath === undefined ? {} : { fieldPath }),
    },
    reason,
    type,
  }
}

function countedEvent(event: EventToRecord, namespace: string, correlated: Correlated, nowMs: number): JsonObject {
  const { component, host } = event
  const { name, count, firstMs, message, combined } = correlated
  return {
    ...commonFields(event, namespace, name),
    message,
    source: { component, ...(host === undefined ? {} : { host }) },
    firstTimestamp: timestamp(firstMs),
    lastTimestamp: timestamp(nowMs),
    count,
    // A combined event is made without them.
    reportingComponent: combined ? '' : component,
    reportingInstance: combined ? '' : (host ?? ''),
  }
}

/** Longest message of the new form; the API refuses longer ones. */
const mostMessage = 1024

/** The events.k8s.io form, as it is stored in core/v1. */
function newFormEvent(event: EventToRecord, namespace: string, name: string, nowMs: number): JsonObject {
  const { component, host, action = '', message } = event
  return {
    ...commonFields(event, namespace, name),
    message: message.slice(0, mostMessage),
    source: {},
    eventTime: microTimestamp(nowMs),
    action,
    reportingComponent: component,
    reportingInstance: host ?? `${component}-${hostname()}`,
  }
}
