import { randomBytes } from 'node:crypto'
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Writes a file that only its owner may read, also where it was there with other rights. */
export function writePrivate(file: string, content: string): void {
  writeFileSync(file, content, { mode: 0o600 })
  chmodSync(file, 0o600)
}

/**
 * Makes the state directory. What is in it is its owner's alone; others may pass through, as the database and pods run as other users.
 * @throws Error in one line that says why it cannot be used.
 */
export function openStateDir(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o711 })
    accessSync(stateDir, constants.R_OK | constants.W_OK | constants.X_OK)
    mkdirSync(path.join(stateDir, 'logs'), { recursive: true, mode: 0o700 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const why = {
      EACCES: 'permission denied',
      EROFS: 'the file system is read-only',
      ENOTDIR: 'a part of the path is a file',
      EEXIST: 'it is a file',
      ENOSPC: 'the disk is full',
    }[code]
    throw new Error(
      `cannot write to the state directory ${stateDir} (${why ?? code}). Fix its permissions, or set SLIPWAY_STATE_DIR to another directory.`,
    )
  }
}

/** Held while this launcher runs on its state directory. */
export interface StateLock {
  release(): void
}

/**
 * Takes the state directory for this process. The lock is SQLite's lock of a file, which the operating system drops
 * when the process ends in whatever way; the pid beside it is only for the message.
 * @throws Error in one line when another instance holds it.
 */
export function lockStateDir(stateDir: string): StateLock {
  const pidFile = path.join(stateDir, 'launcher.pid')
  const lockFile = path.join(stateDir, 'launcher.lock')
  if (!existsSync(lockFile)) writePrivate(lockFile, '')
  else chmodSync(lockFile, 0o600)
  const database = new DatabaseSync(lockFile, { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS holder (pid INTEGER)')
  } catch (error) {
    database.close()
    if (!(error instanceof Error && /locked|busy/i.test(error.message))) throw error
    const pid = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').trim() : 'unknown'
    throw new Error(
      `Slipway already runs on ${stateDir} (process ${pid}). Stop it first, or set SLIPWAY_STATE_DIR and SLIPWAY_PORT to run another.`,
    )
  }
  writePrivate(pidFile, `${process.pid}\n`)
  return { release: () => database.close() }
}

const randomSecret = () => randomBytes(32).toString('base64')

/** Reads a secret of the state directory, or makes one, with mode 600. Default: 32 random bytes in base64. */
export function secretFile(stateDir: string, name: string, make: () => string = randomSecret): string {
  const file = path.join(stateDir, name)
  if (existsSync(file)) return readFileSync(file, 'utf8').trim()
  const secret = make().trim()
  writeFileSync(file, `${secret}\n`, { mode: 0o600, flag: 'wx' })
  return secret
}
