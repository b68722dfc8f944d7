/** What `renderBuildJob` needs to know. */
export interface BuildToRender {
  team: string
  project: string
  environment: string
  app: string
  /** Number of the build within its app. */
  build: number
  /** Image of the builder; `slipway.internal/builder` is the local cluster's own. */
  builderImage: string
  /** Address at which the pod gets the source archive. */
  sourceUrl: string
  /** Bearer token for the source; ends in a Secret that only this build uses. */
  sourceToken: string
  /** Where the image is pushed to, and the prefix of the reference it is then pulled by. */
  registryPushUrl: string
  imagePrefix: string
  /** Names the package cache that builds of the same app share: letters, digits, dots and dashes. */
  cacheKey: string
  /** Time limit in seconds (Job activeDeadlineSeconds). */
  timeoutSeconds: number
  /** What the build is sure to get, and what it may take while the node has it to spare. */
  requests: { cpuMillis: number; memoryMiB: number }
  limits: { cpuMillis: number; memoryMiB: number }
}
