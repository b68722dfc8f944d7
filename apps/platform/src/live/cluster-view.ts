import type { Database } from '@slipway/db'
import type { Cluster } from '@slipway/kube'
import type { ClusterObserver, LogReader } from '../api/index.ts'
import { type AppDirectory, createAppDirectory } from './app-directory.ts'
import type { BuildLogs } from './build-logs.ts'
import { type ClusterCaches, createClusterCaches } from './caches.ts'
import { type CertificateReader, createCertificateReader } from './certificates.ts'
import { createLiveHub, type LiveHub } from './hub.ts'
import { createLogReader } from './log-reader.ts'
import { createLogTails } from './log-tails.ts'
import { createObserver } from './observer.ts'
import { SILENT_MS } from './pulse.ts'

/** Everything that is read of the cluster, wired once: caches, observer, logs and the hub of the streams. */
export interface ClusterView {
  caches: ClusterCaches
  observer: ClusterObserver
  logs: LogReader
  hub: LiveHub
  directory: AppDirectory
  /** Null where Slipway asks for no certificates. */
  certificates: CertificateReader | null
  /** A sentence while the cluster can not be seen, null otherwise. */
  problem(): string | null
  start(): void
  stop(): Promise<void>
}

export function createClusterView(parts: {
  db: Database
  cluster: Cluster
  buildLogs: BuildLogs
  hasGateway: boolean
  /** Whether an issuer is asked for the certificates of apps. */
  hasIssuer: boolean
  /** Told, once, in a sentence, what cannot be read though the cluster answers. */
  onProblem: (sentence: string) => void
  now: () => Date
}): ClusterView {
  const { db, cluster, buildLogs, now } = parts
  const caches = createClusterCaches(cluster, { hasGateway: parts.hasGateway })
  const { hasIssuer, onProblem } = parts
  const certificates = hasIssuer ? createCertificateReader({ cluster, caches, onProblem, now }) : null
  const tails = createLogTails(cluster)
  const observer = createObserver({ caches, tails, certificates, now })
  const logs = createLogReader(cluster, caches)
  const directory = createAppDirectory(db)
  const hub = createLiveHub({
    ...{ cluster, caches, certificates, directory, buildLogs },
    reader: logs,
    onTailRead: tails.onRead,
  })
  return {
    caches,
    observer,
    logs,
    hub,
    directory,
    certificates,
    problem() {
      if (!caches.isSynced()) return 'the cluster has not answered yet'
      const silentMs = caches.silentForMs()
      return silentMs > SILENT_MS ? `the cluster has not answered for ${Math.round(silentMs / 1000)} s` : null
    },
    start() {
      caches.start()
      certificates?.start()
    },
    async stop() {
      hub.stop()
      await Promise.all([caches.stop(), certificates?.stop()])
    },
  }
}
