import { BuildFailure, type Detected, detect } from '@slipway/builder/detect'
import { type Build, type ConnectedSource, type Database, findBuild, findSource } from '@slipway/db'
import {
  AppError,
  BUILD_STRATEGIES,
  type BuildSettings,
  buildSettingsSchema,
  effectiveSettings,
  slipwayFileSchema,
} from '@slipway/domain'
import { z } from 'zod'
import { hasCommit, pruneOwnRefs, updateRef } from '../git/refs.ts'
import { buildRef, type Repositories } from '../git/repositories.ts'
import { listTree, readBlobs, type TreeEntry } from '../git/tree.ts'
import type { FetchGuard } from '../sources/fetch-guard.ts'
import { refuseLfsPointers } from '../sources/lfs.ts'
import { SOURCE_LIMIT_BYTES } from '../sources/limits.ts'
import { fetchSource, remoteOf } from '../sources/remote.ts'
import { fetchSubmodules } from '../sources/submodules.ts'
import { parseSlipwayFile, SLIPWAY_FILE } from './slipway-file.ts'

/** Files that decide how to build are read whole; a larger one is treated as none. */
const READ_LIMIT_BYTES = 1024 * 1024

/** What is known of a build before its Job is rendered; crosses between processes as JSON. */
export const preparedBuildSchema = z.object({
  strategy: z.enum(BUILD_STRATEGIES),
  /** Null where the strategy finds it out by itself. */
  language: z.string().nullable(),
  /** The app's, with what slipway.yaml says instead. */
  settings: buildSettingsSchema,
  /** What slipway.yaml says; null where there is none. */
  slipwayFile: slipwayFileSchema.nullable(),
  /** Lines for the log. */
  notes: z.array(z.string()),
})
export type PreparedBuild = z.infer<typeof preparedBuildSchema>

/** Where sources are: in this process, or in the one with the role `git`. */
export interface BuildSources {
  /** Fetches what is missing of a build's source and decides how it is built. @throws AppError: `unavailable` may pass by itself */
  prepare(buildId: string, signal: AbortSignal): Promise<PreparedBuild>
}

export function createBuildSources(db: Database, repositories: Repositories, guard: FetchGuard): BuildSources {
  return {
    async prepare(buildId, signal) {
      const build = await findBuild(db, buildId)
      if (build === null) throw new AppError('not_found', 'There is no such build.')
      const repository = await repositories.ensure(build.appId)
      const source = build.trigger === 'push' ? null : await findSource(db, build.appId)
      const { commit, branch } = build
      await fetchMissing({
        repository,
        source,
        commit,
        branch,
        number: build.number,
        trigger: build.trigger,
        guard,
        signal,
      })
      await pruneOwnRefs(db, repository, build.appId)
      const settings = buildSettingsSchema.parse(build.app.buildSettings)
      const connected = source === null ? null : remoteOf(source)
      const tree = await listTree(repository, commit, signal)
      const read = readerOf(repository, tree, signal)
      const slipwayFile = await readSlipwayFile(settings, read)
      const effective = effectiveSettings(settings, slipwayFile)
      checkSize(tree)
      await refuseLfsPointers(repository, tree, settings.rootDirectory, signal)
      const submodules = await fetchSubmodules({ repository, commit, tree, connected, guard, signal })
      const detected = await detectIn(tree, read, effective)
      const notes = submodules.map(({ path, commit: at }) => `Submodule ${path} at ${at.slice(0, 7)}`)
      const { strategy, language, reason } = detected
      return { strategy, language, settings: effective, slipwayFile, notes: [reason, ...notes] }
    },
  }
}

async function fetchMissing(wanted: {
  repository: string
  source: ConnectedSource | null
  commit: string
  branch: string
  number: number
  trigger: Build['trigger']
  guard: FetchGuard
  signal: AbortSignal
}): Promise<void> {
  const { repository, source, commit, branch, number, trigger, guard, signal } = wanted
  if (source !== null) {
    await fetchSource({ repository, source, commit, branch, ref: buildRef(number), guard, signal })
    return
  }
  if (trigger === 'webhook')
    throw new AppError('conflict', 'The repository was disconnected before its commit was fetched.')
  if (await hasCommit(repository, commit)) {
    // A push gave its build this ref; one that was asked for by hand keeps the commit from here on.
    if (trigger === 'manual') await updateRef(repository, buildRef(number), commit)
    return
  }
  throw new AppError(
    'conflict',
    `The commit ${commit.slice(0, 7)} is not in the app's repository any more. Push it again.`,
  )
}

type Reader = (path: string) => Promise<string | null>

function readerOf(repository: string, tree: readonly TreeEntry[], signal: AbortSignal): Reader {
  const files = new Map(tree.filter(({ kind }) => kind === 'file').map((entry) => [entry.path, entry]))
  return async (path) => {
    const entry = files.get(path)
    if (entry === undefined || entry.size > READ_LIMIT_BYTES) return null
    const [blob] = await readBlobs(repository, [entry.oid], signal)
    return blob?.toString('utf8') ?? null
  }
}

async function readSlipwayFile(settings: BuildSettings, read: Reader) {
  const path = settings.rootDirectory === '' ? SLIPWAY_FILE : `${settings.rootDirectory}/${SLIPWAY_FILE}`
  const text = await read(path)
  return text === null ? null : parseSlipwayFile(text, path)
}

function checkSize(tree: readonly TreeEntry[]): void {
  const bytes = tree.reduce((sum, { size }) => sum + size, 0)
  if (bytes <= SOURCE_LIMIT_BYTES) return
  const largest = tree.reduce((a, b) => (b.size > a.size ? b : a))
  throw new AppError(
    'too_large',
    `The source is ${(bytes / 1024 ** 3).toFixed(1)} GiB, and at most 1 GiB can be built. Leave large files out of the repository; the largest is ${largest.path}.`,
    { limitBytes: SOURCE_LIMIT_BYTES },
  )
}

/** The builder's own choice, on the names of the commit; its refusals become ours. */
async function detectIn(tree: readonly TreeEntry[], read: Reader, settings: BuildSettings): Promise<Detected> {
  const files = tree.map(({ path, kind }) => (kind === 'submodule' ? `${path}/` : path))
  try {
    return await detect({ files, read, settings })
  } catch (error) {
    if (!(error instanceof BuildFailure)) throw error
    throw new AppError('invalid_input', `${error.message} ${error.action ?? ''}`.trim(), {}, { cause: error })
  }
}
