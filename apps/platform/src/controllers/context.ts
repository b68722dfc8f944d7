import type { Database } from '@slipway/db'
import type { Cluster } from '@slipway/kube'
import type { AppState } from '../apps/app-state.ts'
import type { BuildSources } from '../builds/prepare.ts'
import type { PlatformSettings } from '../env.ts'
import type { Repositories } from '../git/repositories.ts'
import type { ClusterCaches } from '../live/caches.ts'
import type { KeptLogs } from '../live/kept-logs.ts'
import type { Metrics } from '../metrics/instruments.ts'
import type { OwnRegistry } from '../registry/own-registry.ts'
import type { Logger } from '../server/logger.ts'
import type { SourceTokens } from '../sources/token.ts'
import type { Renderings } from './app-rendering.ts'
import type { Applier } from './apply.ts'
import type { Owner } from './ownership.ts'
import type { PreparedEnvironments } from './prepared-environments.ts'

/** What every controller works with. */
export interface ControllerContext {
  db: Database
  cluster: Cluster
  caches: ClusterCaches
  apps: AppState
  applier: Applier
  renderings: Renderings
  environments: PreparedEnvironments
  /** Who this Slipway is on the cluster. */
  owner: Owner
  /** Repositories of this process; null without the role `git`. */
  repositories: Repositories | null
  buildSources: BuildSources
  sourceTokens: SourceTokens
  buildLogs: KeptLogs
  /** Of runs whose output is kept. */
  runLogs: KeptLogs
  settings: PlatformSettings
  /** Null where the registry has credentials of its own. */
  registry: OwnRegistry | null
  /** Address at which build pods reach this installation. */
  internalUrl: () => string
  /** False where no registry is configured. */
  canBuild: boolean
  logger: Logger
  metrics: Metrics
  now: () => Date
  /** Asks another controller for a look. */
  enqueue: (kind: ControllerKind, id: string) => void
}

export type ControllerKind = 'app' | 'environment' | 'build' | 'delivery' | 'run' | 'scaling'
