import type { BuildStrategy } from '@slipway/domain'
import { type BuildPlace, buildJobName } from './names.ts'

/** Name of the container that builds. */
export const BUILD_CONTAINER_NAME = 'build'

/** Annotation on a build's Job and pod: the id of the build's row. */
export const BUILD_ID_ANNOTATION = 'slipway.dev/build-id'

/** Where build Jobs run on the local cluster, which is one installation's own, by what their Pod Security has to admit. */
export const BUILD_NAMESPACES = {
  native: 'slipway-builds',
  buildpacks: 'slipway-builds',
  dockerfile: 'slipway-builds-dockerfile',
} as const satisfies Record<BuildStrategy, string>

const PREFIXES = {
  native: 'slipway-builds-',
  buildpacks: 'slipway-builds-',
  dockerfile: 'slipway-dockerfile-',
} as const satisfies Record<BuildStrategy, string>

/** Whose builds they are; a cluster may be shared by several installations. */
export interface BuildOwner {
  clusterKind: 'local' | 'kubernetes'
  installation: string | null
}

/**
 * Namespace of an installation's builds of one strategy. No environment's namespace can be called so: those have three parts
 * or more, so the installation's id goes in without its dashes.
 */
export function buildNamespaceOf(strategy: BuildStrategy, { clusterKind, installation }: BuildOwner): string {
  if (clusterKind === 'local' || installation === null) return BUILD_NAMESPACES[strategy]
  return `${PREFIXES[strategy]}${installation.replaceAll('-', '')}`.slice(0, 63)
}

/** Names of a build's Secrets: its source token, the config vars it sees, its registry credentials. */
export function buildSecretNames(build: BuildPlace): { token: string; vars: string; registry: string } {
  const name = buildJobName(build)
  return { token: name, vars: `${name}-vars`, registry: `${name}-registry` }
}
