import type { ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Event, Node, Pod } from 'kubernetes-types/core/v1.d.ts'

/** What surrounds an object when its health is asked for. The more is given, the more precise the cause. */
export interface HealthContext {
  /** The present, in milliseconds since 1970. */
  nowMs: number
  /** Events about the object and what it owns; those about others are passed over. */
  events?: readonly Event[]
  pods?: readonly Pod[]
  replicaSets?: readonly ReplicaSet[]
  /** All pods of the namespace, which share its quota; asked for only where a quota refused a pod. Default: `pods`. */
  namespacePods?: (() => readonly Pod[]) | undefined
  /** A node by its name: a pod on one that is lost is not what its own last report says. */
  node?: ((name: string) => Node | undefined) | undefined
}

type Named = { kind?: string; metadata?: { name?: string; uid?: string } }

/** Milliseconds since 1970 of an RFC 3339 time, or null. */
export function timeMs(time: string | null | undefined): number | null {
  if (!time) return null
  const ms = Date.parse(time)
  return Number.isNaN(ms) ? null : ms
}

/** When an event was seen last. Events have their time in one of three places, by the age of what reported them. */
export function eventTimeMs(event: Event): number {
  return (
    timeMs(event.series?.lastObservedTime) ??
    timeMs(event.lastTimestamp) ??
    timeMs(event.eventTime) ??
    timeMs(event.metadata?.creationTimestamp) ??
    0
  )
}

/** Events about one object, newest first. */
export function eventsOf(object: Named, events: readonly Event[] = []): Event[] {
  const uid = object.metadata?.uid
  return events
    .filter(({ involvedObject }) =>
      uid && involvedObject.uid ? involvedObject.uid === uid : involvedObject.name === object.metadata?.name,
    )
    .sort((a, b) => eventTimeMs(b) - eventTimeMs(a))
}

/** Objects whose controller is `owner`. */
export function ownedBy<T extends { metadata?: { ownerReferences?: { uid: string; controller?: boolean }[] } }>(
  owner: Named,
  objects: readonly T[] = [],
): T[] {
  const uid = owner.metadata?.uid
  if (!uid) return []
  return objects.filter(({ metadata }) => metadata?.ownerReferences?.some((ref) => ref.controller && ref.uid === uid))
}
