import type { Database } from '@slipway/db'
import type { Cluster } from '@slipway/kube'
import { type AppState, createAppState } from './apps/app-state.ts'
import { createClusterObserver } from './apps/observe.ts'
import type { ViewConfig } from './apps/view.ts'
import { type ClusterCaches, createClusterCaches } from './live/caches.ts'
import { type CertificateReader, createCertificateReader } from './live/certificates.ts'
import { createClusterResources } from './live/cluster-resources.ts'
import { createLiveHub, type LiveHub } from './live/hub.ts'
import type { KeptLogs } from './live/kept-logs.ts'
import { createLogReader } from './live/log-reader.ts'
import { createLogTails } from './live/log-tails.ts'
import { SILENT_MS } from './live/pulse.ts'
import { createTerminals, type RunningTerminals } from './live/terminals.ts'
import type { ClusterResources } from './ports/cluster.ts'
import type { LogReader } from './ports/logs.ts'

/** Everything that is read of the cluster, wired once: caches, the state of the apps, logs and the hub of the streams. */
export interface ClusterView {
  caches: ClusterCaches
  apps: AppState
  resources: ClusterResources
  logs: LogReader
  hub: LiveHub
  terminals: RunningTerminals
  /** Null where Slipway asks for no certificates. */
  certificates: CertificateReader | null
  /** A sentence while the cluster cannot be seen, null otherwise. */
  problem(): string | null
  start(): void
  stop(): Promise<void>
}

export function createClusterView(parts: {
  db: Database
  cluster: Cluster
  buildLogs: KeptLogs
  runLogs: KeptLogs
  config: ViewConfig
  hasGateway: boolean
  /** Whether an issuer is asked for the certificates of apps. */
  hasIssuer: boolean
  teamLogStreams: number
  /** Terminals that one account may hold. */
  terminals: number
  /** Told why a terminal broke. */
  onTerminalError: (error: unknown) => void
  /** Told, once, in a sentence, what cannot be read though the cluster answers. */
  onProblem: (sentence: string) => void
  /** Told of rows of apps that could not be read; they are read again. */
  onRowsUnread: (error: unknown) => void
  /** Told of reads that failed and whose answer is "unknown". */
  onUnread: (error: unknown) => void
  now: () => Date
}): ClusterView {
  const { db, cluster, buildLogs, runLogs, now } = parts
  const caches = createClusterCaches(cluster, { hasGateway: parts.hasGateway })
  const { hasIssuer, onProblem } = parts
  const certificates = hasIssuer ? createCertificateReader({ cluster, caches, onProblem, now }) : null
  const tails = createLogTails(cluster)
  const apps = createAppState({
    ...{ db, config: parts.config },
    observe: createClusterObserver({ caches, tails, now }),
    certificateOf: ({ namespace, ref }, hostname) => certificates?.of(namespace, ref.app, hostname) ?? null,
    tail: ({ owner, id }, lines) => (owner === 'build' ? buildLogs : runLogs).tail(id, lines),
    onError: parts.onRowsUnread,
  })
  const resources = createClusterResources({ cluster, caches, onError: parts.onUnread, now })
  const logs = createLogReader(cluster, caches)
  const hub = createLiveHub({
    ...{ cluster, caches, buildLogs, runLogs },
    reader: logs,
    teamLogStreams: parts.teamLogStreams,
  })
  const terminals = createTerminals({
    ...{ cluster, caches, db, now, onRunChange: hub.onRunChange },
    ...{ perAccount: parts.terminals, onError: parts.onTerminalError },
  })
  const stops = [
    caches.onAppChange(apps.touch),
    ...(certificates === null ? [] : [certificates.onChange(apps.touch)]),
    // Every page says that the cluster is silent, and takes it back.
    caches.onSilence(() => apps.touchAll()),
  ]
  tails.onRead(apps.touch)
  return {
    caches,
    apps,
    resources,
    logs,
    hub,
    terminals,
    certificates,
    problem() {
      if (!caches.isSynced()) return 'the cluster has not answered yet'
      const silentMs = caches.silentForMs()
      return silentMs > SILENT_MS ? `the cluster has not answered for ${Math.round(silentMs / 1000)} s` : null
    },
    start() {
      caches.start()
      // Until then what was written down last is shown.
      void caches.synced().then(() => apps.touchAll())
      certificates?.start()
    },
    async stop() {
      for (const stop of stops) stop()
      terminals.stop()
      apps.stop()
      await Promise.all([caches.stop(), certificates?.stop()])
    },
  }
}
