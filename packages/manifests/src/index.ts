export { renderApp } from './app.ts'
export { renderBuildJob } from './build.ts'
export {
  BUILD_CONTAINER_NAME,
  BUILD_ID_ANNOTATION,
  type BuildOwner,
  buildNamespaceOf,
  buildSecretNames,
} from './build-names.ts'
export type { BuildToRender } from './build-to-render.ts'
export { type Endpoint, PRIVATE_NETWORKS } from './egress.ts'
export { renderEnvironment } from './environment.ts'
export {
  appIdOf,
  appSelector,
  installationOf,
  LABELS,
  MANAGER,
  releaseLabels,
  releaseOf,
  runSelector,
  withInstallation,
} from './labels.ts'
export {
  BASE_REPOSITORY,
  buildJobName,
  imageRepositoryOf,
  ingressName,
  isOurNamespace,
  namespaceOf,
  releaseJobName,
  runJobName,
  tlsSecretName,
} from './names.ts'
export type { KubeObject } from './object.ts'
export { CONTAINER_NAME } from './pod.ts'
export { keepOf } from './prune.ts'
export { PULL_SECRET, pullServiceAccount } from './pull-secret.ts'
export { hostsOfRoute, withHosts } from './route.ts'
export { RELEASE_COMPONENT, RUN_ID_ANNOTATION, renderReleaseCommand, renderRun } from './run.ts'
