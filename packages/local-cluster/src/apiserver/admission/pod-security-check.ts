import type { JsonObject } from '../../types/objects.ts'

export interface Container {
  name: string
  security: JsonObject | null
  spec: JsonObject
}

/** One control of the Pod Security Standards: what a pod breaks of it in the real server's words, or null. */
export type Check = (spec: JsonObject, containers: Container[], metadata: JsonObject | null) => string | null

/** `container "a"`, `containers "a", "b"`. */
export function named(containers: Container[]): string {
  const names = containers.map(({ name }) => JSON.stringify(name)).join(', ')
  return `container${containers.length === 1 ? '' : 's'} ${names}`
}

export function offenders(
  containers: Container[],
  why: string,
  text: string,
  bad: (container: Container) => boolean,
): string | null {
  const found = containers.filter(bad)
  return found.length === 0 ? null : `${why} (${named(found)} ${text})`
}
