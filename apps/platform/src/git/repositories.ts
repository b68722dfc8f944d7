import { randomUUID } from 'node:crypto'
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { git, gitConfig } from './git.ts'

/** A push may be at most this large, as it travels. */
export const PACK_LIMIT_BYTES = 512 * 1024 * 1024
/** The one branch whose pushes are deployed. */
export const DEPLOY_BRANCH = 'main'

const HOOK_PROGRAM = fileURLToPath(new URL('./pre-receive.ts', import.meta.url))

/** One bare repository an app, named by the app's id so that a new app of an old name starts empty. */
export interface Repositories {
  readonly root: string
  path(appId: string): string
  /** Makes the repository where there is none. Safe when two callers do it at once. */
  ensure(appId: string): Promise<string>
  remove(appId: string): Promise<void>
  /** App ids that have a repository: for the sweep of what was left behind. */
  list(): Promise<string[]>
  /** Configuration of the git processes that serve pushes and fetches. */
  serviceEnvironment(): Record<string, string>
}

/** Opens `<stateDir>/git` and writes the hooks that all repositories share. */
export async function openRepositories(stateDir: string): Promise<Repositories> {
  const root = join(stateDir, 'git')
  const hooks = join(stateDir, 'git-hooks')
  await mkdir(root, { recursive: true, mode: 0o700 })
  await writeHooks(hooks)
  const path = (appId: string) => join(root, `${safeId(appId)}.git`)
  return {
    root,
    path,
    async ensure(appId) {
      const target = path(appId)
      if (await exists(join(target, 'HEAD'))) return target
      const fresh = join(root, `.new-${randomUUID()}`)
      try {
        await git(['init', '--quiet', '--bare', '--initial-branch', DEPLOY_BRANCH, '--template=', fresh])
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
    serviceEnvironment: () =>
      gitConfig({
        'core.hooksPath': hooks,
        'http.receivepack': 'true',
        'http.uploadpack': 'true',
        'receive.maxInputSize': String(PACK_LIMIT_BYTES),
        'receive.denyDeletes': 'true',
        'receive.denyCurrentBranch': 'ignore',
        // Tidying runs inside the push: a detached gc would outlive it and hold files of an app that is being deleted.
        'gc.autoDetach': 'false',
        'receive.keepAlive': '5',
      }),
  }
}

/** Ids become file names, so nothing but letters, digits and dashes passes. */
export function safeId(id: string): string {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(id)) throw new Error(`"${id.slice(0, 80)}" can not be part of a file name.`)
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

/**
 * pre-receive asks the platform; update refuses single branches, so that `git push --all` still deploys the one that
 * counts. They are written at every start because they name this Node and this checkout.
 */
async function writeHooks(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
  const hooks = {
    'pre-receive': `#!/bin/sh\nexec ${quote(process.execPath)} --no-warnings ${quote(HOOK_PROGRAM)}\n`,
    update: [
      '#!/bin/sh',
      'case "$1" in',
      `refs/heads/${DEPLOY_BRANCH}|refs/tags/*) exit 0 ;;`,
      'esac',
      `echo "! Only the branch ${DEPLOY_BRANCH} is deployed; \${1#refs/heads/} was not taken."`,
      'exit 1',
      '',
    ].join('\n'),
  }
  for (const [name, text] of Object.entries(hooks)) {
    const fresh = join(directory, `.${name}-${randomUUID()}`)
    await writeFile(fresh, text, { mode: 0o700 })
    await rename(fresh, join(directory, name))
  }
}
