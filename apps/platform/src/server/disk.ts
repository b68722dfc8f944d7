import { statfs } from 'node:fs/promises'
import { DISK_FULL } from '@slipway/domain'

/** Below this nothing can be stored any more: Postgres writes its log in files of 16 MiB. */
const LEAST_FREE_BYTES = 32 * 1024 * 1024
const FRESH_MS = 2000

/** A sentence while a disk has no space left, null otherwise; looked at every two seconds at most. */
export function createDiskCheck(dir: string, now: () => Date): () => Promise<string | null> {
  let known: { atMs: number; problem: Promise<string | null> } | null = null
  const look = async () => {
    const { bavail, bsize } = await statfs(dir)
    return bavail * bsize < LEAST_FREE_BYTES ? DISK_FULL : null
  }
  return () => {
    const atMs = now().getTime()
    if (known === null || atMs - known.atMs > FRESH_MS) known = { atMs, problem: look() }
    return known.problem
  }
}
