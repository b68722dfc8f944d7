import type { BuildLog } from './log.ts'
import type { BuiltProcess } from './procfile.ts'

/** What a language's build is given. */
export interface BuildContext {
  /** The source, which the build may change. */
  dir: string
  /** Survives builds of the same app; holds package caches. */
  cacheDir: string
  env: Record<string, string>
  log: BuildLog
  signal: AbortSignal
}

/** One kind of source tree that can be built. */
export interface Language {
  /** As the log says it: "Node.js". */
  name: string
  /** True when the tree is of this kind; asked in order, the first that says so builds it. */
  detect(dir: string): Promise<boolean>
  /** Installs and builds in place. */
  build(context: BuildContext): Promise<BuildResult>
}

export interface BuildResult {
  /** Processes when the tree has no Procfile; null: it needs one. */
  processes: BuiltProcess[] | null
  /** What to say when there is neither a Procfile nor a default. */
  missing: string
  /** Environment of the image. */
  env: Record<string, string>
  /** Folders, relative to the source, that change with the dependencies alone: a layer of their own. */
  dependencyDirs: string[]
  /** The image's working directory below the source; `.` for its top. */
  workingDir?: string
}
