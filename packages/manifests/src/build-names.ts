import type { BuildStrategy } from '@slipway/domain'
import { type BuildPlace, buildJobName } from './names.ts'

/** Name of the container that builds. */
export const BUILD_CONTAINER_NAME = 'build'

/** Annotation on a build's Job and pod: the id of the build's row. */
export const BUILD_ID_ANNOTATION = 'slipway.dev/build-id'

/**
 * Namespaces in which build Jobs run, by what their Pod Security has to admit. No environment's namespace can be called so:
 * those have three parts or more.
 */
export const BUILD_NAMESPACES = {
  native: 'slipway-builds',
  buildpacks: 'slipway-builds',
  dockerfile: 'slipway-builds-dockerfile',
} as const satisfies Record<BuildStrategy, string>

/** Namespace of builds that need no privilege. */
export const BUILD_NAMESPACE = BUILD_NAMESPACES.native

/** Namespace of the builds of a strategy. */
export const buildNamespaceOf = (strategy: BuildStrategy): string => BUILD_NAMESPACES[strategy]

/** Names of a build's Secrets: its source token, the config vars it sees, its registry credentials. */
export function buildSecretNames(build: BuildPlace): { token: string; vars: string; registry: string } {
  const name = buildJobName(build)
  return { token: name, vars: `${name}-vars`, registry: `${name}-registry` }
}
