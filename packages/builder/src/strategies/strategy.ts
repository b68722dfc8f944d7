import type { BuildSettings, ProcessesFile, ProcessKind } from '@slipway/domain'
import type { PushTarget } from '../image/base.ts'
import type { BuildIdentity } from '../image/labels.ts'
import type { BuildLog } from '../log.ts'

/** What a strategy builds from, where to, and with what. */
export interface StrategyContext {
  /** The whole repository. */
  sourceDir: string
  settings: BuildSettings
  /** What slipway.yaml says of processes. */
  processesFile: ProcessesFile
  /** Kept between builds of the same app. */
  cacheDir: string
  /** Empty folder for this build alone. */
  scratchDir: string
  /** Where the image goes. */
  target: PushTarget
  identity: BuildIdentity
  /** What tools are given of the host: PATH, proxies, certificates. */
  env: Readonly<Record<string, string>>
  /** Config vars that the build sees, and the folder that has a file of each; null: there are none. */
  vars: Readonly<Record<string, string>>
  varsDir: string | null
  /** Commit, branch and names, which every build may know. */
  facts: Readonly<Record<string, string>>
  /** Folder of the Docker configuration with the credentials; null: anonymous. */
  dockerConfig: string | null
  signal: AbortSignal
  log: BuildLog
}

/** A process of an image that is built by others: null leaves the image's own command. */
export interface ImageProcess {
  name: string
  kind: ProcessKind
  command: string[] | null
}

/** What every strategy gives. */
export interface StrategyResult {
  digest: string
  processes: ImageProcess[]
}
