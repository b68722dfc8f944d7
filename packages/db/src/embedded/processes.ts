import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** True while a process with this id exists, zombies left out where that can be seen. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPERM') return true
    return false
  }
  if (process.platform !== 'linux') return true
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return status !== '' && !/^\d+ \(.*\) Z /s.test(status)
}

/** The command line of a process; empty when it is gone. */
async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')
  }
  const { stdout } = await promisify(execFile)('ps', ['-p', String(pid), '-o', 'command=']).catch(() => ({
    stdout: '',
  }))
  return stdout
}

/** Process id of a Postgres that runs on `dataDir`, by its postmaster.pid; null when there is none. */
export async function runningPostmaster(dataDir: string): Promise<number | null> {
  const lines = await readFile(path.join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number.parseInt(lines, 10)
  if (!Number.isInteger(pid) || pid <= 0 || !(await isAlive(pid))) return null
  return (await commandOf(pid)).includes(dataDir) ? pid : null
}

/**
 * Removes a postmaster.pid whose process is gone. Postgres does that itself, but not when the id has been taken by another
 * process since, which is the rule in containers, where ids start over.
 */
export async function removeStalePidFile(dataDir: string): Promise<void> {
  if ((await runningPostmaster(dataDir)) === null) await rm(path.join(dataDir, 'postmaster.pid'), { force: true })
}

/** Waits until a process is gone; false when it still runs after `timeoutMs`. */
async function waitUntilGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs
  while (await isAlive(pid)) {
    if (Date.now() > deadline) return false
    await sleep(20)
  }
  return true
}

/** Sends a signal; a process that is gone already is fine. */
function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

const FAST_STOP_TIMEOUT_MS = 20_000
const HARD_STOP_TIMEOUT_MS = 10_000

/** Stops a postmaster: fast (SIGINT: sessions are ended, data is flushed), then at once (SIGQUIT: recovery at the next start). */
export async function stopPostmaster(pid: number): Promise<void> {
  signalProcess(pid, 'SIGINT')
  if (await waitUntilGone(pid, FAST_STOP_TIMEOUT_MS)) return
  signalProcess(pid, 'SIGQUIT')
  if (await waitUntilGone(pid, HARD_STOP_TIMEOUT_MS)) return
  signalProcess(pid, 'SIGKILL')
  await waitUntilGone(pid, HARD_STOP_TIMEOUT_MS)
}
