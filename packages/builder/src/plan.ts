import type { BuildSettings } from '@slipway/domain'
import type { LanguageName } from './detect-language.ts'
import type { BuildLog } from './log.ts'
import type { BuiltProcess } from './procfile.ts'

/** What a language's build is given. */
export interface BuildContext {
  /** The app's root directory, which the build may change. */
  dir: string
  /** Top of the repository; `dir` or above it. */
  repoDir: string
  /** Survives builds of the same app; holds package caches and installed dependencies. */
  cacheDir: string
  /** Environment of the tools, PATH included. */
  env: Record<string, string>
  settings: BuildSettings
  /** Processes of the Procfile; null where there is none. */
  procfile: readonly BuiltProcess[] | null
  log: BuildLog
  signal: AbortSignal
}

/**
 * Installs and builds a tree in place. How the app starts is decided first, and refused there where it cannot be known.
 * @throws BuildFailure for what the source's owner can mend
 */
export type Build = (context: BuildContext) => Promise<BuildResult>

/** A folder that is a layer of its own, from outside of the app's tree. */
export interface ToolLayer {
  /** Absolute. */
  dir: string
  /** Names below `dir` that belong into it; all of it when absent. */
  only?: (name: string) => boolean
  /** Where it is in the image, without the leading slash. */
  prefix: string
  /** Same key, same content: packed once. */
  key: string
}

export interface BuildResult {
  /** Processes when the tree has no Procfile. */
  processes: BuiltProcess[]
  /** Environment of the image. The entries of PATH go before those of the base. */
  env: Record<string, string>
  /** Folder that becomes /app. */
  top: string
  /** The image's working directory below /app; empty for its top. */
  workingDir: string
  /** True for what changes with the dependencies alone: a layer of its own. Names are relative to `top`. */
  isDependency(name: string): boolean
  /** True for what the image does without; a folder with all that is in it. */
  isSpare?(name: string): boolean
  tools: ToolLayer[]
  /** What the image runs on, for choosing a base. */
  runtime: {
    language: LanguageName
    /** Exact, as far as it is known: `24.21.0`. */
    version: string | null
    /** The runtime itself, needed where the base has another version or the image has no base. */
    layer: ToolLayer | null
  }
  /** Called when the image is packed: hands what was installed back to the cache. */
  keep?(): Promise<void>
}

/** The app's folder in an image, and in it what Slipway adds. */
export const APP_DIR = 'app'
export const ADDED_DIR = '.slipway'
