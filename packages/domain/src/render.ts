import type { ProcessDefinition, ProcessScale } from './process.ts'
import type { ResourceLimits } from './quota.ts'

/** One process as it is rendered: how it starts (release) and how much of it runs (app). */
export interface RenderedProcess extends ProcessDefinition, ProcessScale {}

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
  /** IngressClass; null renders no Ingress. */
  ingressClass: string | null
  /** TLS secret for the hosts, null for plain HTTP. */
  tlsSecret: string | null
  /** True when the image is one Slipway built and so is known to run as non-root. */
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
  /** Namespace label the ingress controller runs under, for the NetworkPolicy; null allows ingress from everywhere. */
  ingressNamespace: string | null
  /** Credentials for pulling private images. */
  pullCredentials: readonly PullCredential[]
}

/** Credentials for one registry, in clear. */
export interface PullCredential {
  host: string
  username: string
  password: string
}
