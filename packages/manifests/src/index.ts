export { renderApp, routedProcess } from './app.ts'
export { renderBuildJob } from './build.ts'
export {
  BUILD_CONTAINER_NAME,
  BUILD_ID_ANNOTATION,
  BUILD_NAMESPACES,
  type BuildOwner,
  buildNamespaceOf,
  buildSecretNames,
} from './build-names.ts'
export type { BuildToRender } from './build-to-render.ts'
export { type Endpoint, PRIVATE_NETWORKS } from './egress.ts'
export { renderEnvironment } from './environment.ts'
export {
  appIdOf,
  appLabels,
  appSelector,
  environmentLabels,
  installationOf,
  LABELS,
  MANAGER,
  processLabels,
  releaseLabels,
  releaseOf,
  runSelector,
  selectorLabels,
  withInstallation,
} from './labels.ts'
export {
  BASE_REPOSITORY,
  buildJobName,
  imageRepositoryOf,
  ingressName,
  isOurNamespace,
  namesOf,
  namespaceOf,
  releaseJobName,
  runJobName,
  secretName,
  tlsSecretName,
  workloadName,
} from './names.ts'
export type { KubeObject } from './object.ts'
export { CONTAINER_NAME, PORT_NAME } from './pod.ts'
export { keepOf } from './prune.ts'
export { PULL_SECRET, pullServiceAccount, renderPullSecret } from './pull-secret.ts'
export { hostsOfRoute, withHosts } from './route.ts'
export { RELEASE_COMPONENT, RUN_ID_ANNOTATION, renderReleaseCommand, renderRun } from './run.ts'
export { SERVICE_PORT } from './service.ts'
