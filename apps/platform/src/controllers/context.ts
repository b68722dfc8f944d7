import type { Database } from '@slipway/db'
import type { Cluster } from '@slipway/kube'
import type { ClusterObserver } from '../api/index.ts'
import type { BuildSources } from '../builds/prepare.ts'
import type { PlatformSettings } from '../env.ts'
import type { Repositories } from '../git/repositories.ts'
import type { BuildLogs } from '../live/build-logs.ts'
import type { ClusterCaches } from '../live/caches.ts'
import type { Logger } from '../server/logger.ts'
import type { SourceTokens } from '../sources/token.ts'
import type { Applier } from './apply.ts'
import type { Owner } from './ownership.ts'

/** What every controller works with. */
export interface ControllerContext {
  db: Database
  cluster: Cluster
  caches: ClusterCaches
  observer: ClusterObserver
  applier: Applier
  /** Who this Slipway is on the cluster. */
  owner: Owner
  /** Repositories of this process; null without the role `git`. */
  repositories: Repositories | null
  buildSources: BuildSources
  sourceTokens: SourceTokens
  buildLogs: BuildLogs
  settings: PlatformSettings
  /** Address at which build pods reach this installation. */
  internalUrl: () => string
  /** False where no registry is configured. */
  canBuild: boolean
  logger: Logger
  now: () => Date
  /** Asks another controller for a look. */
  enqueue: (kind: ControllerKind, id: string) => void
}

export type ControllerKind = 'app' | 'environment' | 'build' | 'delivery'
