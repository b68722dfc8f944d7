import { readFile, rm, writeFile } from 'node:fs/promises'
import { AppError } from '@slipway/domain/errors'
import { isAlive } from './processes.ts'

/** When a process started, as text that no later process with the same id shares; empty where that cannot be found out. */
async function startedAt(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return status.slice(status.lastIndexOf(')')).split(' ')[20] ?? ''
}

/**
 * Claims the directory for this process. Throws `conflict` while the process that claimed it before still runs. What a
 * killed process left behind does not count: an id that was given out again has another start time.
 */
export async function claim(ownerFile: string): Promise<() => Promise<void>> {
  const mine = `${process.pid} ${await startedAt(process.pid)}`
  const theirs = (await readFile(ownerFile, 'utf8').catch(() => '')).trim()
  const pid = Number.parseInt(theirs, 10)
  if (pid > 0 && theirs !== mine && (await isAlive(pid)) && theirs === `${pid} ${await startedAt(pid)}`.trim()) {
    throw new AppError(
      'conflict',
      `The embedded Postgres belongs to process ${pid}, which still runs. Stop that one first.`,
    )
  }
  await writeFile(ownerFile, mine, { mode: 0o600 })
  return () => rm(ownerFile, { force: true })
}
