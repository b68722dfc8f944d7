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
export { renderEnvironment } from './environment.ts'
export {
  appLabels,
  appSelector,
  environmentLabels,
  installationOf,
  LABELS,
  MANAGER,
  processLabels,
  releaseLabels,
  releaseOf,
  selectorLabels,
  withInstallation,
} from './labels.ts'
export {
  buildJobName,
  imageRepositoryOf,
  ingressName,
  namesOf,
  namespaceOf,
  secretName,
  tlsSecretName,
  workloadName,
} from './names.ts'
export type { KubeObject, ResourceType } from './object.ts'
export { CONTAINER_NAME, PORT_NAME } from './pod.ts'
export { keepOf, PRUNABLE_TYPES, prunableTypes } from './prune.ts'
export { PULL_SECRET, pullServiceAccount, renderPullSecret } from './pull-secret.ts'
export { SERVICE_PORT } from './route.ts'
