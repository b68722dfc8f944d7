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
  build: 'slipway.dev/build',
  installation: 'slipway.dev/installation',
} as const

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

/** Id of the Slipway that made an object; null where it carries none. */
export function installationOf(object: { metadata?: { labels?: Record<string, string> } }): string | null {
  return object.metadata?.labels?.[LABELS.installation] ?? null
}

/** What a process' Deployment and Service select by. Never changes: a Deployment's selector is immutable. */
export function selectorLabels(app: string, process: string): Record<string, string> {
  return { [LABELS.app]: app, [LABELS.process]: process }
}

/** Label selector, as `labelSelector` takes it, for all that belongs to an app in its namespace. */
export function appSelector(app: string): string {
  return `${LABELS.managedBy}=${MANAGER},${LABELS.app}=${app}`
}

/** The release an object was made for, or null where it carries no such label. */
export function releaseOf(object: { metadata?: { labels?: Record<string, string> } }): number | null {
  const value = object.metadata?.labels?.[LABELS.release]
  return value !== undefined && /^[1-9]\d{0,8}$/.test(value) ? Number(value) : null
}
