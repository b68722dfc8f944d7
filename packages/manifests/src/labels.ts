import type { TrackName } from '@slipway/domain'

/** Keys of the labels on everything Slipway makes. */
export const LABELS = {
  name: 'app.kubernetes.io/name',
  instance: 'app.kubernetes.io/instance',
  component: 'app.kubernetes.io/component',
  version: 'app.kubernetes.io/version',
  managedBy: 'app.kubernetes.io/managed-by',
  team: 'slipway.dev/team',
  project: 'slipway.dev/project',
  environment: 'slipway.dev/environment',
  app: 'slipway.dev/app',
  process: 'slipway.dev/process',
  release: 'slipway.dev/release',
  track: 'slipway.dev/track',
  build: 'slipway.dev/build',
  /** The app that a command runs for. Not `app`: what belongs to an app is judged and pruned with it. */
  runOf: 'slipway.dev/run-of',
  installation: 'slipway.dev/installation',
} as const

/**
 * On every object of an app: the id of its row. Not on pod templates, where it would have started every instance of apps of before
 * it again: pods are told by the ReplicaSet that made them, which inherits its Deployment's annotations.
 */
const APP_ID = 'slipway.dev/app-id'

/** Value of `app.kubernetes.io/managed-by`, and the field manager of server-side apply. */
export const MANAGER = 'slipway'

interface EnvironmentNames {
  team: string
  project: string
  environment: string
}

/** Labels of what belongs to an environment as a whole. */
export function environmentLabels(environment: EnvironmentNames): Record<string, string> {
  return {
    [LABELS.managedBy]: MANAGER,
    [LABELS.team]: environment.team,
    [LABELS.project]: environment.project,
    [LABELS.environment]: environment.environment,
  }
}

/** Labels of what belongs to an app and stays the same from release to release. */
export function appLabels(app: EnvironmentNames & { app: string }): Record<string, string> {
  return {
    [LABELS.name]: app.app,
    [LABELS.instance]: app.app,
    ...environmentLabels(app),
    [LABELS.app]: app.app,
  }
}

/** Labels of what belongs to one process of an app. */
export function processLabels(app: EnvironmentNames & { app: string }, process: string): Record<string, string> {
  return { ...appLabels(app), [LABELS.component]: process, [LABELS.process]: process }
}

/** The same of what one track has of a process. */
export function trackedLabels(
  app: EnvironmentNames & { app: string; track: TrackName },
  process: string,
): Record<string, string> {
  return { ...processLabels(app, process), [LABELS.track]: app.track }
}

/** Labels that say which release a thing was made for: `version` is "v42", `release` is "42". */
export function releaseLabels(release: number): Record<string, string> {
  return { [LABELS.version]: `v${release}`, [LABELS.release]: String(release) }
}

/**
 * The objects with the id of the Slipway that makes them. On the objects alone, never on pod templates: an id that changed
 * would start every instance again.
 */
export function withInstallation<T extends { metadata: { labels?: Record<string, string> } }>(
  objects: readonly T[],
  installation: string,
): T[] {
  return objects.map((object) => ({
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, [LABELS.installation]: installation } },
  }))
}

/** The objects with the id of the app that they belong to. */
export function withAppId<T extends { metadata: { annotations?: Record<string, string> } }>(
  objects: readonly T[],
  appId: string,
): T[] {
  return objects.map((object) => ({
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [APP_ID]: appId } },
  }))
}

/** Id of the app that an object belongs to; null where the object itself does not tell. */
export function appIdOf(object: { metadata?: { annotations?: Record<string, string> } }): string | null {
  return object.metadata?.annotations?.[APP_ID] ?? null
}

/** Id of the Slipway that made an object; null where it carries none. */
export function installationOf(object: { metadata?: { labels?: Record<string, string> } }): string | null {
  return object.metadata?.labels?.[LABELS.installation] ?? null
}

/**
 * What a process' Deployment and Service select by. Never changes: a Deployment's selector is immutable. Pods of the stable track
 * carry no label that tells it, as those of before there were tracks; a Deployment owns none but its own ReplicaSets' pods all the same.
 */
export function selectorLabels(app: string, process: string, track: TrackName = 'stable'): Record<string, string> {
  return { [LABELS.app]: app, [LABELS.process]: process, ...trackLabelOfPods(track) }
}

/** Nothing on the stable track. */
export function trackLabelOfPods(track: TrackName): Record<string, string> {
  return track === 'stable' ? {} : { [LABELS.track]: track }
}

/** Label selector, as `labelSelector` takes it, for all that belongs to an app in its namespace. */
export function appSelector(app: string): string {
  return `${LABELS.managedBy}=${MANAGER},${LABELS.app}=${app}`
}

/** Label selector for the commands that run once for an app. */
export function runSelector(app: string): string {
  return `${LABELS.managedBy}=${MANAGER},${LABELS.runOf}=${app}`
}

/** The release an object was made for, or null where it carries no such label. */
export function releaseOf(object: { metadata?: { labels?: Record<string, string> } }): number | null {
  const value = object.metadata?.labels?.[LABELS.release]
  return value !== undefined && /^[1-9]\d{0,8}$/.test(value) ? Number(value) : null
}
