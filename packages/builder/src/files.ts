import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'

export async function isFile(dir: string, name: string): Promise<boolean> {
  return (await stat(path.join(dir, name)).catch(() => null))?.isFile() ?? false
}

const MAX_TEXT_BYTES = 1024 * 1024

/** A text file of at most 1 MiB, null where there is none. */
export async function readText(dir: string, name: string): Promise<string | null> {
  if (!(await isFile(dir, name))) return null
  return (await readFile(path.join(dir, name))).subarray(0, MAX_TEXT_BYTES).toString('utf8')
}
