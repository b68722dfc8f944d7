import { lstatSync, mkdirSync, readlinkSync, rmSync } from 'node:fs'
import { link, lstat, rm } from 'node:fs/promises'
import path from 'node:path'
import { absentAs } from '../../types/system-error.ts'
import type { ImageFiles } from './stored-image.ts'

/** An image whose layers would write outside of their root, or are not what an image can hold. */
export class UnpackError extends Error {
  override name = 'UnpackError'
}

/** Path of an entry below the root. @throws UnpackError for names that lead out of it */
export function inside(rootDir: string, name: string): string {
  const target = path.resolve(rootDir, `./${name}`)
  if (target !== rootDir && !target.startsWith(rootDir + path.sep)) {
    throw new UnpackError(`the image holds a path that leads out of it: ${name}`)
  }
  return target
}

/**
 * Makes the directory and those above it, and answers where it is. In an image with a root of its own, links on the way are followed
 * as a container would; elsewhere each part is real, as a link would lead a write somewhere else. @throws UnpackError
 */
export function realDirectory(rootDir: string, dir: string, files: ImageFiles): string {
  let current = rootDir
  for (const part of path.relative(rootDir, dir).split(path.sep).filter(Boolean)) {
    const next = path.join(current, part)
    const isLink = lstatSync(next, { throwIfNoEntry: false })?.isSymbolicLink() === true
    const followed = isLink && files === 'image' ? followInside(rootDir, path.relative(rootDir, next)) : null
    current = followed !== null && lstatSync(followed).isDirectory() ? followed : next
    if (current === next) makeDirectory(current, files)
  }
  return current
}

/** In place of a link in an image with a root of its own. @throws UnpackError for a link elsewhere */
export function makeDirectory(dir: string, files: ImageFiles): void {
  const info = lstatSync(dir, { throwIfNoEntry: false })
  if (info?.isDirectory()) return
  if (info?.isSymbolicLink() && files !== 'image') {
    throw new UnpackError(`the image writes through the link ${path.basename(dir)}`)
  }
  if (info !== undefined) rmSync(dir, { force: true })
  mkdirSync(dir, { mode: 0o755 })
}

const MOST_LINKS = 40

/**
 * Where a path of an image is, its links followed as a container with that root would follow them; null where there is none.
 * Never leads out of the root.
 */
export function followInside(rootDir: string, name: string): string | null {
  const waiting = name.split('/').reverse()
  const parts: string[] = []
  let links = 0
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      parts.pop()
      continue
    }
    const current = path.join(rootDir, ...parts, part)
    const info = lstatSync(current, { throwIfNoEntry: false })
    if (info === undefined || links > MOST_LINKS) return null
    if (!info.isSymbolicLink()) {
      parts.push(part)
      continue
    }
    links += 1
    const target = readlinkSync(current)
    if (target.startsWith('/')) parts.length = 0
    waiting.push(...target.split('/').reverse())
  }
  return path.join(rootDir, ...parts)
}

/** Whether there is such a path, and no link on the way to it. */
export async function isReally(rootDir: string, target: string): Promise<boolean> {
  let current = rootDir
  for (const part of path.relative(rootDir, path.dirname(target)).split(path.sep).filter(Boolean)) {
    current = path.join(current, part)
    if (!(await lstat(current).catch(absentAs(null)))?.isDirectory()) return false
  }
  return (await lstat(target).catch(absentAs(null))) !== null
}

/** Links to a file below the same root; false where there is none. */
export async function hardLink(rootDir: string, target: string, linkname: string): Promise<boolean> {
  const source = inside(rootDir, linkname)
  if (!(await isReally(rootDir, source)) || (await lstat(source)).isDirectory()) return false
  if (source === target) return true
  await rm(target, { recursive: true, force: true })
  await link(source, target)
  return true
}
