import type { ResourceType } from './kinds.ts'
import type { KubeMetadata, KubeObject } from './objects.ts'

/** The whole object once more, as `kubectl apply` leaves it. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

type Fields = Record<string, unknown>
const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** Copies one path; what is absent stays absent. */
function copy(from: object, to: Fields, [field = '', ...rest]: readonly string[]): void {
  const value: unknown = Reflect.get(from, field)
  if (value === undefined) return
  if (rest.length === 0 || !isObject(value)) {
    to[field] = value
    return
  }
  const before = to[field]
  const part = isObject(before) ? before : {}
  to[field] = part
  copy(value, part, rest)
}

function metadataOf(metadata: KubeMetadata & { managedFields?: unknown }): KubeMetadata {
  const { managedFields: _, ...kept } = metadata
  if (kept.annotations?.[LAST_APPLIED] === undefined) return kept
  const { [LAST_APPLIED]: __, ...annotations } = kept.annotations
  return { ...kept, annotations }
}

/** What a cache keeps of an object: metadata without `managedFields`, and the fields that its kind names. */
export function cachedPart<T extends KubeObject>(object: T, { cached }: ResourceType): T {
  const metadata = metadataOf(object.metadata)
  if (cached === undefined) return { ...object, metadata }
  const kept: Fields = { apiVersion: object.apiVersion, kind: object.kind, metadata }
  for (const path of cached) copy(object, kept, path.split('.'))
  return kept as unknown as T
}
