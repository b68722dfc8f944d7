import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { MountError, type Payload } from './payload.ts'

const DATA = '..data'

/**
 * Writes the files of a volume so that a reader sees the old or the new ones, never a mixture: they are in a directory of
 * their own, `..data` points to it, and the visible names point through `..data`. True when something changed.
 * Reference: pkg/volume/util/atomic_writer.go of k8s.io/kubernetes.
 * @param group may read the files, too (`fsGroup`)
 */
export function writeAtomically(dir: string, payload: Payload, group: number | null = null): boolean {
  for (const path of payload.keys()) checkPath(path)
  mkdirSync(dir, { recursive: true, mode: 0o755 })
  const version = `..${digest(payload, group)}`
  const before = currentVersion(dir)
  if (before === version) return false
  const versionDir = join(dir, version)
  rmSync(versionDir, { recursive: true, force: true })
  mkdirSync(versionDir, { mode: 0o755 })
  chmodSync(versionDir, 0o755)
  for (const [path, { content, mode }] of payload) {
    const file = join(versionDir, path)
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 })
    writeFileSync(file, content)
    if (group !== null) chownSync(file, 0, group)
    chmodSync(file, group === null ? mode : mode | 0o440)
  }
  const next = join(dir, '..data_tmp')
  rmSync(next, { force: true })
  symlinkSync(version, next)
  renameSync(next, join(dir, DATA))
  const names = new Set([...payload.keys()].map((path) => path.split(sep)[0] ?? path))
  for (const name of names) {
    if (lstatSync(join(dir, name), { throwIfNoEntry: false }) === undefined) {
      symlinkSync(join(DATA, name), join(dir, name))
    }
  }
  for (const name of readdirSync(dir)) {
    const stale = name.startsWith('..') ? name !== DATA && name !== version : !names.has(name)
    if (stale) rmSync(join(dir, name), { recursive: true, force: true })
  }
  return true
}

function currentVersion(dir: string): string | null {
  try {
    return readlinkSync(join(dir, DATA))
  } catch {
    return null // Nothing was written yet.
  }
}

function digest(payload: Payload, group: number | null): string {
  const hash = createHash('sha256').update(`${group}\0`)
  for (const [path, { content, mode }] of [...payload].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path}\0${mode}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex').slice(0, 20)
}

/** Paths come from objects that anybody may have written. */
function checkPath(path: string): void {
  const parts = path.split('/')
  const bad = path === '' || path.startsWith('/') || parts.some((part) => part === '..' || part === '')
  if (bad || parts[0]?.startsWith('..')) throw new MountError(`invalid path "${path}" in the volume`)
}
