import type { Isolation } from '@slipway/domain'
import type { Mailer } from '../mail/mailer.ts'
import type { ClusterResources } from '../ports/cluster.ts'
import type { InstallationHealth } from '../ports/health.ts'
import type { CommitHistory } from '../ports/history.ts'
import type { BuildLogReader, LiveSource, LogReader } from '../ports/logs.ts'
import type { ManifestReader } from '../ports/manifests.ts'
import type { RemoteRepositories, TxtReader } from '../ports/outside.ts'
import type { Terminals } from '../ports/terminals.ts'

/** What procedures need from the running platform. */
export interface ApiPorts {
  resources: ClusterResources
  logs: LogReader
  live: LiveSource
  terminals: Terminals
  buildLogs: BuildLogReader
  history: CommitHistory
  manifests: ManifestReader
  /** How apart the local cluster keeps apps; null on a real one, and while it is away. */
  isolation: () => Promise<Isolation | null>
  /** What keeps the whole installation from its work, in a sentence; null otherwise. */
  problem: () => Promise<string | null>
  remotes: RemoteRepositories
  dns: TxtReader
  health: InstallationHealth
  /** Null where no mail server is configured. */
  mailer: Mailer | null
  /** Told why a mail that was promised did not go. */
  onMailFailure: (error: unknown) => void
}
