import { randomUUID } from 'node:crypto'
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { git, gitConfig } from './git.ts'

/** A push may be at most this large, as it travels. */
export const PACK_LIMIT_BYTES = 512 * 1024 * 1024

/** Refs of our own, which no client sees: commits that builds need, pushes that are being judged, submodules of commits. */
const OWN_REFS = 'refs/slipway'
export const PUSH_REFS = `${OWN_REFS}/pushes/`
export const SUBMODULE_REFS = `${OWN_REFS}/submodules/`
export const buildRef = (build: number) => `${OWN_REFS}/builds/${build}`

/** Before the first push of an app chooses its branch. */
const INITIAL_BRANCH = 'main'

/**
 * What git itself checks of pushed objects (git-fsck(1)). Faults that old and harmless commits have are let through, so that
 * histories which every other host takes can be deployed.
 */
const OLD_FAULTS = [
  'zeroPaddedFilemode',
  'badTimezone',
  'missingSpaceBeforeDate',
  'missingSpaceBeforeEmail',
  'missingNameBeforeEmail',
  'missingEmail',
  'badEmail',
  'badName',
  'badDate',
  'multipleAuthors',
  'missingTaggerEntry',
]

/** One bare repository an app, named by the app's id so that a new app of an old name starts empty. */
export interface Repositories {
  readonly root: string
  path(appId: string): string
  /** Makes the repository where there is none. Safe when two callers do it at once. */
  ensure(appId: string): Promise<string>
  remove(appId: string): Promise<void>
  /** App ids that have a repository: for the sweep of what was left behind. */
  list(): Promise<string[]>
}

/** Configuration of the git processes that advertise refs and serve fetches. */
export const serviceConfig = () =>
  gitConfig({
    'http.receivepack': 'true',
    'http.uploadpack': 'true',
    'transfer.hideRefs': OWN_REFS,
    'receive.advertisePushOptions': 'true',
  })

/** Configuration of the git process that takes a push. */
export const receiveConfig = () =>
  gitConfig({
    'receive.maxInputSize': String(PACK_LIMIT_BYTES),
    // Every checkout of a CI is shallow. git records its roots, once the objects are known to be complete above them.
    'receive.shallowUpdate': 'true',
    'receive.fsckObjects': 'true',
    ...Object.fromEntries(OLD_FAULTS.map((fault) => [`receive.fsck.${fault}`, 'ignore'])),
    'receive.denyDeletes': 'true',
    'receive.denyCurrentBranch': 'ignore',
    // Tidying comes after the answer.
    'receive.autogc': 'false',
    'receive.keepAlive': '5',
  })

/** Opens `<stateDir>/git`. */
export async function openRepositories(stateDir: string): Promise<Repositories> {
  const root = join(stateDir, 'git')
  await mkdir(root, { recursive: true, mode: 0o700 })
  // What earlier versions kept beside the repositories.
  for (const name of ['git-hooks', 'sources', 'fetch']) await rm(join(stateDir, name), { recursive: true, force: true })
  const path = (appId: string) => join(root, `${safeId(appId)}.git`)
  return {
    root,
    path,
    async ensure(appId) {
      const target = path(appId)
      if (await exists(join(target, 'HEAD'))) return target
      const fresh = join(root, `.new-${randomUUID()}`)
      try {
        await git(['init', '--quiet', '--bare', '--initial-branch', INITIAL_BRANCH, '--template=', fresh])
        await rename(fresh, target)
      } catch (error) {
        await rm(fresh, { recursive: true, force: true })
        if (!(await exists(join(target, 'HEAD')))) throw error
      }
      return target
    },
    remove: (appId) => rm(path(appId), { recursive: true, force: true }),
    async list() {
      const names = await readdir(root)
      return names.filter((name) => name.endsWith('.git')).map((name) => name.slice(0, -'.git'.length))
    },
  }
}

/** Packs what pushes left loose, when there is much of it. A detached gc would hold files of an app that is being deleted. */
export const tidyRepository = (path: string) =>
  git(['-C', path, 'gc', '--auto', '--quiet'], { env: gitConfig({ 'gc.autoDetach': 'false' }) })

/** Ids become file names, so nothing but letters, digits and dashes passes. */
function safeId(id: string): string {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(id)) throw new Error(`"${id.slice(0, 80)}" cannot be part of a file name.`)
  return id
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
