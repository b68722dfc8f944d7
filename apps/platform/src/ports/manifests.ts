import type { KubeObject } from '@slipway/manifests'

/** What releases are rendered to. */
export interface ManifestReader {
  /** The objects of a release as they would be applied now, Secrets in clear. Throws `not_found`. */
  ofRelease(appId: string, release: number): Promise<KubeObject[]>
}
