import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
export const REMOTE = 'slipway'
const TIMEOUT_MS = 10_000

/** Address of the git remote `slipway` of the repository in `directory`; null where there is none, or no git. */
export async function slipwayRemote(directory: string): Promise<string | null> {
  try {
    const { stdout } = await run('git', ['config', '--get', `remote.${REMOTE}.url`], {
      cwd: directory,
      timeout: TIMEOUT_MS,
    })
    return stdout.trim() || null
  } catch {
    return null // Not a repository, no such remote, or git is missing: all mean that nothing can be inferred.
  }
}

/** True inside the work tree of a repository. */
export async function isRepository(directory: string): Promise<boolean> {
  try {
    const { stdout } = await run('git', ['rev-parse', '--is-inside-work-tree'], { cwd: directory, timeout: TIMEOUT_MS })
    return stdout.trim() === 'true'
  } catch {
    return false // As above.
  }
}

/** Adds the remote `slipway`. Rejects with git's own message. */
export async function addRemote(directory: string, url: string): Promise<void> {
  await run('git', ['remote', 'add', REMOTE, url], { cwd: directory, timeout: TIMEOUT_MS })
}

/** Lets git ask `slipway git-credential` for the password of one installation, in this repository only. */
export async function useCredentialHelper(directory: string, gitUrl: string): Promise<void> {
  const key = `credential.${new URL(gitUrl).origin}.helper`
  await run('git', ['config', key, '!slipway git-credential'], { cwd: directory, timeout: TIMEOUT_MS })
}
