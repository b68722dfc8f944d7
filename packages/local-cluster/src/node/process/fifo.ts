import { execFile } from 'node:child_process'
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { promisify } from 'node:util'
import { hasCode } from '../../types/system-error.ts'

const run = promisify(execFile)

/** Makes FIFOs; Node has no call for it, POSIX has a program. */
export async function makeFifos(paths: readonly string[]): Promise<void> {
  await run('mkfifo', ['-m', '600', ...paths])
}

/** Opens a FIFO for reading on the event loop, without waiting for a writer. */
export function readFifo(path: string): Socket {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return new Socket({ fd, readable: true, writable: false })
}

/** Opens a FIFO for writing on the event loop; null when nobody reads it. */
export function openFifo(path: string): Socket | null {
  const fd = openForWriting(path)
  return fd === null ? null : new Socket({ fd, readable: false, writable: true })
}

function openForWriting(path: string): number | null {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (hasCode(error, 'ENXIO', 'ENOENT')) return null
    throw error
  }
}

/** Writes into a FIFO that somebody reads. False when nobody does, or there is no such FIFO. */
export function writeFifo(path: string, text: string): boolean {
  const fd = openForWriting(path)
  if (fd === null) return false
  try {
    if (text !== '') writeSync(fd, text)
    return true
  } finally {
    closeSync(fd)
  }
}

/** True while somebody has the FIFO open for reading. */
export const hasReader = (path: string) => writeFifo(path, '')
