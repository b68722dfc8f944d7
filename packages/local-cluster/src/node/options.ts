import type { ImageFiles } from '../registry/images/index.ts'
import type { KubeletEndpoints, LocalApi } from '../types/client.ts'
import type { KubernetesObject } from '../types/objects.ts'

/** Configuration of an image, as far as a process needs it. Reference: OCI image-spec config.md. */
export interface ImageConfig {
  Entrypoint?: string[]
  Cmd?: string[]
  Env?: string[]
  WorkingDir?: string
  User?: string
  /** Directories that are no part of the image; each container has its own where the pod mounts nothing there. */
  Volumes?: string[]
  /** Ports that a container of the image listens on where its spec names none. */
  ExposedPorts?: number[]
}

/** An image that is unpacked on this machine and can be run. */
export interface RunnableImage {
  /** Digest of the image, `sha256:...`. */
  digest: string
  /** Where it is unpacked; the image's absolute paths are below it. */
  rootDir: string
  config: ImageConfig
  /** Size of the unpacked image where known. */
  sizeBytes?: number
  /**
   * What runs on programs of this machine instead of its own: an app that Slipway built, Slipway's builder, a program of the
   * catalogue, or (tests) commands of this machine. Absent: an image with everything that it needs.
   */
  root?: 'native' | 'builder' | 'program' | 'machine'
  /** Files and directories of this machine that it needs besides. */
  places?: readonly string[]
}

/** What the node asks of the image store. */
export interface NodeImages {
  /** The image if it is unpacked already, otherwise null. */
  lookup(reference: string, files: ImageFiles): Promise<RunnableImage | null>
  /**
   * Brings the image to this machine. Throws an Error whose message becomes the container's waiting message
   * (`ErrImagePull`) when it cannot be had.
   */
  pull(reference: string, signal: AbortSignal, files: ImageFiles, secrets: readonly string[]): Promise<RunnableImage>
}

/** Messages of the node for the cluster's log. */
export interface NodeLog {
  info(message: string, details?: Record<string, unknown>): void
  warn(message: string, details?: Record<string, unknown>): void
}

/** How quickly simulated pods live. */
export interface Simulation {
  /** 1: as an ordinary pod would. 10: ten times as quick. */
  speed: number
}

/** How pods reach the API: what their service account's volume and environment say. */
export interface ApiAccess {
  port: number
  /** PEM. */
  caCertificate: string
  /** The token of the pod's service account. */
  tokenOf(pod: KubernetesObject): Promise<string>
}

export interface NodeOptions {
  api: LocalApi
  /** Pods' directories, logs and build caches live below it. */
  dir: string
  /** Name of the Node object. */
  nodeName?: string
  images: NodeImages
  /** `PATH` given to containers after the image's own entries, and where bare commands are looked up. */
  hostPath: string
  /** Environment that image builds may see beside their own: proxies and registries of package managers. */
  builderEnv?: Readonly<Record<string, string>>
  /** References that mean "this machine itself": the command runs on the host's own programs. For tests and recordings. */
  hostImages?: readonly string[]
  /** Delay of the first restart after a crash, and the longest; 10 s and 5 min as the kubelet's. */
  crashBackoff?: { baseMs: number; maxMs: number }
  /** Rotation of container logs; 10 MiB and 5 files as the kubelet's. */
  logRotation?: { maxBytes: number; maxFiles: number }
  /** What the Node object offers; by default what the machine has. */
  capacity?: Readonly<Record<string, string>>
  /** `auto`: containers have their own view of the file system where the machine allows it. `none`: never. */
  sandbox?: 'auto' | 'none'
  /** `auto`: an OCI runtime runs containers where the machine has one that works. `none`: never. */
  ociRuntime?: 'auto' | 'none'
  /** Directories of this machine that containers of `hostImages` may write, where an OCI runtime runs them. */
  hostDirs?: readonly string[]
  /** `auto`: the kernel holds containers to their limits where the machine allows it. `none`: never. */
  cgroups?: 'auto' | 'none'
  /** `auto`: pods have addresses of their own where the machine allows it. `none`: never. */
  podNetwork?: 'auto' | 'none'
  /** Other directories of the cluster, which hold what is not for containers. */
  hiddenDirs?: readonly string[]
  apiAccess?: ApiAccess
  /** Pods live without processes, at this speed; for load tests. */
  simulation?: Simulation
  log?: NodeLog
}

export interface NodeStats {
  pods: number
  runningContainers: number
  adoptedContainers: number
  startedContainers: number
  oomKills: number
  probeRuns: number
  logBytes: number
  /** Log output that followers missed because they were slower than the rotation. */
  logFilesMissed: number
}

/** The node agent: runs the pods bound to its node as processes of this machine. */
export interface NodeAgent {
  nodeName: string
  kubelet: KubeletEndpoints
  stats(): NodeStats
  /**
   * Stops looking after pods. With `stopPods` the processes are ended as on a shutdown of a node, the pod objects stay and
   * start again with the next start; without it the processes go on and are adopted by the next start.
   */
  stop(options: { stopPods: boolean }): Promise<void>
}
