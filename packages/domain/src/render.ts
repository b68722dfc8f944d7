import type { ProcessDefinition, ProcessScale } from './process.ts'
import type { ResourceLimits } from './quota.ts'

/** One process as it is rendered: how it starts (release) and how much of it runs (app). */
export interface RenderedProcess extends ProcessDefinition, ProcessScale {}

/**
 * The way from a host name to an app. A Gateway terminates TLS at its own listeners; of an Ingress cert-manager's issuer makes
 * the certificate where one is named.
 */
export type Route =
  | { kind: 'ingress'; className: string; clusterIssuer: string | null }
  | { kind: 'gateway'; namespace: string; name: string }

/** What Pod Security admission enforces in environments. `restricted` admits no image that runs as root. */
export type PodSecurityLevel = 'baseline' | 'restricted'

/** All that `renderApp` needs to know: the release, with the app's present scale. Values, no ids of the database. */
export interface AppToRender {
  team: string
  project: string
  environment: string
  app: string
  /** Kubernetes namespace of the environment. */
  namespace: string
  release: number
  /** Image reference; by digest where Slipway built it. */
  image: string
  /** Config vars in clear; they end in the release's Secret. */
  config: Readonly<Record<string, string>>
  processes: readonly RenderedProcess[]
  /** Hosts that lead to the web process. */
  hostnames: readonly string[]
  /** How requests reach the app; null: not at all from outside the cluster. */
  route: Route | null
  /** True when the image is known to run as non-root, or the cluster admits no other. */
  runsAsNonRoot: boolean
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
