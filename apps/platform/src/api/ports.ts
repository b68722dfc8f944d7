import type {
  AppRef,
  Capabilities,
  CertificateView,
  GitHost,
  Health,
  InstanceView,
  Isolation,
  LogBatch,
  LogLine,
  ProcessKind,
  ProcessScale,
  Resources,
  WhyView,
} from '@slipway/domain'

/** What the observer needs to know of an app to judge what it sees. From the database; nothing of it is observed. */
export interface ObservedTarget {
  appId: string
  ref: AppRef
  namespace: string
  /** The release that is wanted, null before the first deploy. */
  currentRelease: number | null
  processes: readonly (ProcessScale & { name: string; kind: ProcessKind })[]
}

/** An app as the informer caches show it now. */
export interface ObservedApp {
  health: Health
  why: WhyView | null
  /** The release whose instances serve, null when none does. */
  servingRelease: number | null
  instances: InstanceView[]
  /** Ready instances by process name. */
  ready: Readonly<Record<string, number>>
}

/** The cluster as seen from the informer caches: answers at once, never asks the API server. */
export interface ClusterObserver {
  /** Null while the caches have not synced: the last stored status is shown then. */
  observeApp(target: ObservedTarget): ObservedApp | null
  /** The certificate of one of an app's hosts; null where Slipway asks for none. */
  certificateOf(target: ObservedTarget, hostname: string): CertificateView | null
  /** What pods of a namespace request now, terminated ones left out. */
  usedBy(namespace: string): Resources
}

export interface LogQuery {
  process?: string
  instance?: string
  /** Lines at most, the newest. */
  tail: number
}

/** Runtime logs, all processes merged. Throws `unavailable` while the cluster is away. */
export interface LogReader {
  read(target: ObservedTarget, query: LogQuery, signal: AbortSignal): Promise<LogLine[]>
}

/** What builds printed; kept after they ended. */
export interface BuildLogReader {
  /** The last lines, oldest first; none when nothing is kept of it. */
  tail(buildId: string, lines: number): Promise<string[]>
}

/** How to follow runtime logs: from a tail, or from where the client was cut. */
export interface LogFollowQuery extends LogQuery {
  /** Id of the last batch that the client saw; null begins with the tail. */
  resumeFrom: string | null
}

/** How fast the reader takes what is sent. */
export interface LogSink {
  /** Bytes that were sent and not taken yet. */
  backlogBytes(): number
}

/** What subscriptions read from: changes as they are seen, logs as they come. */
export interface LiveSource {
  /** Calls back with the id of every app about which something may have changed; the returned function ends it. */
  onAppChange(listener: (appId: string) => void): () => void
  /** Runtime logs of all instances, also of those that come later, until `signal` fires. Throws `unavailable` where too many follow. */
  followLogs(
    target: ObservedTarget,
    query: LogFollowQuery,
    sink: LogSink,
    signal: AbortSignal,
  ): AsyncIterable<{ id: string; batch: LogBatch }>
  /** A build's log from byte `from` on, until `isOver` and all was read. */
  followBuildLog(
    buildId: string,
    options: { from: number; isOver: () => Promise<boolean>; signal: AbortSignal },
  ): AsyncIterable<{ offset: number; lines: string[] }>
}

/** Repositories elsewhere. */
export interface RemoteRepositories {
  /** Asks for a branch with the credentials given. Throws, in words, where there is none or nobody answers within ten seconds. */
  test(source: { host: GitHost; repositoryUrl: string; branch: string; accessToken: string | null }): Promise<void>
}

/** What procedures need from the running platform. */
export interface ApiPorts {
  cluster: ClusterObserver
  logs: LogReader
  live: LiveSource
  buildLogs: BuildLogReader
  /** How apart the local cluster keeps apps; null on a real one, and while it is away. */
  isolation: () => Promise<Isolation | null>
  remotes: RemoteRepositories
}

/** What the operator configured, as far as answers depend on it. */
export interface ApiConfig {
  /** Public origin, no trailing slash: `http://localhost:3000`. */
  publicUrl: string
  /** Suffix of generated hosts, null: no generated hosts. */
  appsDomain: string | null
  /** Scheme and port of apps' addresses; null: as the public origin has them. */
  appsScheme: 'http' | 'https' | null
  appsPort: number | null
  /** Whether apps answer on the platform's own port, as behind the launcher of the local cluster. */
  appsShareThePort: boolean
  /** Prefix of built images, null: nothing is built. */
  registry: string | null
  /** Where builds push to. */
  registryPushUrl: string | null
  capabilities: Capabilities
}
