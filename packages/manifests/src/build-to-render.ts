import type { BuildSettings, BuildStrategy, EgressNetworks, ProcessesFile } from '@slipway/domain'
import type { Endpoint } from './egress.ts'

/** What `renderBuildJob` needs to know. */
export interface BuildToRender {
  team: string
  project: string
  environment: string
  app: string
  /** Number of the build within its app. */
  build: number
  /** Id of the build's row; ends in the annotation `slipway.dev/build-id`. */
  buildId: string
  /** Id of this Slipway on a cluster that others share; null: no label. */
  installation: string | null
  /** Decides the namespace, the security context and what the builder does; nothing else of the Job. */
  strategy: BuildStrategy
  /** On the local cluster a build keeps its cache on the node and runs by the machine's own programs. */
  clusterKind: 'local' | 'kubernetes'
  /** Namespace of the platform, which builds fetch their source from; null: its pods are not on this cluster. */
  platformNamespace: string | null
  egress: EgressNetworks
  /** Private addresses that this build cannot do without: of the platform, the registry, and registries of base images. */
  reach: readonly Endpoint[]
  /** Image of the builder; `slipway.internal/builder` is the local cluster's own. */
  builderImage: string
  /** Address at which the pod gets the source archive. */
  sourceUrl: string
  /** Bearer token for the source; ends in a Secret that only this build uses. */
  sourceToken: string
  /** Effective settings: the app's with what its slipway.yaml says instead. */
  settings: BuildSettings
  /** What slipway.yaml says of processes. */
  processes: ProcessesFile
  /** Config vars that the build sees, by name; they end in a Secret that is mounted, never in the Job. */
  vars: Readonly<Record<string, string>>
  /** What is built: commit and branch; empty where they are not known. */
  commit: string
  branch: string
  /** Reference pattern of the base image a language, such as `docker.io/library/node:{version}-slim`. Empty: no bases. */
  baseImages: Readonly<Record<string, string>>
  /** Where the image is pushed to (http or https origin), and the prefix of the reference it is then pulled by. */
  registryPushUrl: string
  imagePrefix: string
  /** A `.dockerconfigjson` with the rights of this build; null: the registry takes anybody's push. */
  registryConfig: string | null
  /** Names the package cache that builds of the same app share: letters, digits, dots and dashes. */
  cacheKey: string
  /** Time limit in seconds (Job activeDeadlineSeconds). */
  timeoutSeconds: number
  /** What the build is sure to get, and what it may take while the node has it to spare. */
  requests: { cpuMillis: number; memoryMiB: number }
  limits: { cpuMillis: number; memoryMiB: number }
}
