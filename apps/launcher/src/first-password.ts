import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { openStateDir } from './state.ts'

const VARIABLE = 'SLIPWAY_ADMIN_PASSWORD'
const FILE_VARIABLE = 'SLIPWAY_ADMIN_PASSWORD_FILE'

/**
 * Moves the first account's password from the environment, which every process of this user can read as long as the launcher runs, to a
 * file that the platform removes once it was used. The launcher begins anew without the variable; where that cannot be done, only the
 * parts do without it.
 */
export function hideFirstPassword(stateDir: string): void {
  const password = process.env[VARIABLE]
  if (!password) return
  openStateDir(stateDir)
  const file = path.join(stateDir, 'first-password')
  writeFileSync(file, password, { mode: 0o600 })
  delete process.env[VARIABLE]
  process.env[FILE_VARIABLE] = file
  if (process.execve === undefined) return
  process.removeAllListeners('warning') // It is said to be experimental.
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], process.env)
}
