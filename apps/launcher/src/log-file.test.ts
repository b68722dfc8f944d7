import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { openLogFile } from './log-file.ts'

describe('a log file', () => {
  it.skipIf(process.getuid?.() !== 0)(
    'disk full: goes on without what it cannot write, and says how much that was',
    () => {
      const dir = mkdtempSync(path.join(tmpdir(), 'launcher-log-'))
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'slipway', dir])
      try {
        const file = path.join(dir, 'part.log')
        const log = openLogFile(file)
        log.write(Buffer.from('before\n'))
        writeFileSync(path.join(dir, 'filler'), Buffer.alloc(60 * 1024 - 4096))
        const big = Buffer.alloc(8192, 'x')
        log.write(big)
        log.write(big)
        rmSync(path.join(dir, 'filler'))
        log.write(Buffer.from('after\n'))
        log.close()
        const text = readFileSync(file, 'utf8')
        expect(text).toMatch(/^before\n/)
        expect(text).toMatch(/\(\d+ bytes were not written: the disk was full\)\nafter\n$/)
      } finally {
        execFileSync('umount', [dir])
        rmSync(dir, { recursive: true })
      }
    },
  )
})
