import type { StoredEvent } from '../../store/history.ts'
import type { ObjectStore } from '../../store/store.ts'
import type { WatchEvent } from '../../types/client.ts'
import { expired } from '../../types/errors.ts'
import type { KubernetesObject } from '../../types/objects.ts'
import type { KindStrategy } from './strategy.ts'

/** What a watcher with selectors sees of an event: objects that start or stop matching are added or deleted for it. */
export function visibleEvent(
  event: StoredEvent,
  matches: (object: KubernetesObject) => boolean,
): WatchEvent<KubernetesObject> | null {
  const now = event.type !== 'DELETED' && matches(event.object)
  const before = event.previous !== null && matches(event.previous)
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', object: event.object }
  if (!before) return null
  if (event.type === 'DELETED') return { type: 'DELETED', object: event.object }
  const { resourceVersion } = event.object.metadata
  return {
    type: 'DELETED',
    object: { ...event.previous, metadata: { ...event.previous?.metadata, resourceVersion } } as KubernetesObject,
  }
}

/** @throws ApiError 410 where the history does not reach back to `revision`. */
export function eventsSince(store: ObjectStore, strategy: KindStrategy, revision: number): StoredEvent[] {
  const history = store.history(strategy.type)
  const events = history.since(revision)
  if (events === null) throw expired(`too old resource version: ${revision} (${history.oldestKnown})`)
  return events
}
