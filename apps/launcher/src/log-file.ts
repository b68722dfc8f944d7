import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'

/** A log file that is rotated when it is full, so that no part can fill the disk. What a full disk does not take is counted. */
export interface LogFile {
  write(chunk: Buffer): void
  close(): void
}

/**
 * Opens (appends to) a log file.
 * @param maxBytes size at which it is moved to `<file>.1`; `keep` older ones stay.
 */
export function openLogFile(file: string, maxBytes = 10 * 1024 * 1024, keep = 3): LogFile {
  let fd = openSync(file, 'a', 0o600)
  let size = fstatSync(fd).size
  let closed = false
  let droppedBytes = 0
  const rotate = () => {
    closeSync(fd)
    rmSync(`${file}.${keep}`, { force: true })
    for (let index = keep - 1; index >= 0; index -= 1) {
      const from = index === 0 ? file : `${file}.${index}`
      try {
        renameSync(from, `${file}.${index + 1}`)
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
      }
    }
    fd = openSync(file, 'a', 0o600)
    size = 0
  }
  return {
    write(chunk) {
      if (closed) return // Output that comes after the end has no reader.
      try {
        if (size + chunk.length > maxBytes && size > 0) rotate()
        if (droppedBytes > 0) size += writeSync(fd, `(${droppedBytes} bytes were not written: the disk was full)\n`)
        droppedBytes = 0
        size += writeSync(fd, chunk)
      } catch (error) {
        // The parts go on without a log; anything else would end the launcher, and all of them with it.
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
        droppedBytes += chunk.length
      }
    },
    close() {
      closed = true
      closeSync(fd)
    },
  }
}
