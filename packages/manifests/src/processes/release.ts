import type { ProcessRenderer } from './process.ts'

/** Runs once for each release, before the release is deployed: a Job of its own (`renderReleaseCommand`), not one of the app's objects. */
export const release: ProcessRenderer = {
  services: () => [],
  workload: () => null,
}
