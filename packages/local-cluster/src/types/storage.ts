import type { KubernetesObject } from './objects.ts'

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class'
/** Finalizers that keep what is in use from going. */
export const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection'
export const VOLUME_PROTECTION = 'kubernetes.io/pv-protection'

/** The class of claims that name none: of several, the newest, then the first by name. */
export function defaultStorageClass<T extends KubernetesObject>(classes: readonly T[]): T | undefined {
  return classes
    .filter(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true')
    .sort(
      (a, b) =>
        (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '') ||
        a.metadata.name.localeCompare(b.metadata.name),
    )[0]
}
