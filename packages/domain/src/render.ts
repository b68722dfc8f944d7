import type { ProcessDefinition, ProcessScale } from './process.ts'
import type { ResourceLimits } from './quota.ts'
import type { RunMode } from './run-mode.ts'
import type { TrackName } from './tracks.ts'

/** One process as it is rendered: how it starts (release) and how much of it runs (app). */
export interface RenderedProcess extends ProcessDefinition, ProcessScale {
  /** When somebody asked to restart it, RFC 3339: instances of before are replaced. */
  restartedAt?: string | undefined
}

/**
 * The way from a host name to an app. A Gateway terminates TLS at its own listeners; of an Ingress cert-manager's issuer makes
 * the certificate where one is named.
 */
export type Route =
  | { kind: 'ingress'; className: string; clusterIssuer: string | null }
  | { kind: 'gateway'; namespace: string; name: string }

/** What Pod Security admission enforces in environments. `restricted` admits no image that runs as root. */
export type PodSecurityLevel = 'baseline' | 'restricted'

interface AppPlace {
  team: string
  project: string
  environment: string
  app: string
  /** Kubernetes namespace of the environment. */
  namespace: string
}

interface ImageToRun {
  release: number
  /** Image reference; by digest where Slipway built it. */
  image: string
  /** True when the image is known to run as non-root, or the cluster admits no other. */
  runsAsNonRoot: boolean
}

/** One release of an app, as it runs by itself or beside another. */
export interface TrackToRender extends ImageToRun {
  track: TrackName
  /** Percent of the requests. */
  weight: number
  /** Config vars in clear; they end in the release's Secret. */
  config: Readonly<Record<string, string>>
  /** With the instances that run on this track. */
  processes: readonly RenderedProcess[]
}

/** All that `renderApp` needs to know: one release with the app's present scale, or two that run side by side. */
export interface AppToRender extends AppPlace {
  /** Id of the app's row, by which objects name it. */
  appId: string
  tracks: readonly TrackToRender[]
  /** Hosts that lead to the web process. */
  hostnames: readonly string[]
  /** How requests reach the app; null: not at all from outside the cluster. */
  route: Route | null
}

/** All that `renderRun` needs to know: the release that lends its image and config, and what to run. */
export interface RunToRender extends AppPlace, ImageToRun {
  /** Id of the run. */
  run: string
  command: readonly string[]
  cpuMillis: number
  memoryMiB: number
  timeoutSeconds: number
  mode: RunMode
}

/** All that `renderReleaseCommand` needs to know: a release that is not deployed yet, so its Secret comes with it. */
export interface ReleaseCommandToRender extends RunToRender {
  /** Id of the app's row, by which objects name it. */
  appId: string
  /** Config vars in clear; they end in the release's Secret. */
  config: Readonly<Record<string, string>>
}

/** CIDR blocks: private networks that pods may reach, and public ones that they may not. The rest of the internet they may. */
export interface EgressNetworks {
  allow: readonly string[]
  deny: readonly string[]
}

/** What `renderEnvironment` needs to know. */
export interface EnvironmentToRender {
  team: string
  project: string
  environment: string
  namespace: string
  /** The environment's allocation out of the team's quota. */
  limits: ResourceLimits
  /** Namespace of the ingress controller or the Gateway, for the NetworkPolicy; null admits requests from everywhere. */
  ingressNamespace: string | null
  egress: EgressNetworks
  /** Pod Security level that the namespace enforces. */
  podSecurity: PodSecurityLevel
  /** Credentials for pulling private images. */
  pullCredentials: readonly PullCredential[]
}

/** Credentials for one registry, in clear. */
export interface PullCredential {
  host: string
  username: string
  password: string
}
