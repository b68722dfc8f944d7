import { AppError } from '@slipway/domain'
import { gitOutput } from './git.ts'

const LIST_LIMIT_BYTES = 64 * 1024 * 1024
const BLOBS_LIMIT_BYTES = 16 * 1024 * 1024
const TIMEOUT_MS = 60_000

/** One file, link or submodule of a commit. */
export interface TreeEntry {
  path: string
  kind: 'file' | 'link' | 'submodule'
  oid: string
  /** In bytes; 0 for a submodule. */
  size: number
}

/** Everything in a commit's tree, folders left out. @throws AppError too_large */
export async function listTree(repository: string, commit: string, signal?: AbortSignal): Promise<TreeEntry[]> {
  const args = ['-C', repository, 'ls-tree', '-r', '-l', '-z', '--full-tree', commit]
  const output = await gitOutput(args, LIST_LIMIT_BYTES, { timeoutMs: TIMEOUT_MS, ...(signal ? { signal } : {}) })
  if (output.length > LIST_LIMIT_BYTES) {
    throw new AppError('too_large', 'The repository has more files than can be built. Leave generated files out of it.')
  }
  return output
    .toString('utf8')
    .split('\0')
    .filter((line) => line !== '')
    .map(parseEntry)
}

/** `<mode> <type> <oid> <size or ->\t<path>` (git-ls-tree(1)). */
function parseEntry(line: string): TreeEntry {
  const tab = line.indexOf('\t')
  const [mode = '', , oid = '', size = ''] = line.slice(0, tab).split(/ +/)
  const kind = mode === '160000' ? 'submodule' : mode === '120000' ? 'link' : 'file'
  return { path: line.slice(tab + 1), kind, oid, size: Number.parseInt(size, 10) || 0 }
}

/** Contents of blobs, in their order; together at most 16 MiB. */
export async function readBlobs(repository: string, oids: readonly string[], signal?: AbortSignal): Promise<Buffer[]> {
  if (oids.length === 0) return []
  const output = await gitOutput(['-C', repository, 'cat-file', '--batch'], BLOBS_LIMIT_BYTES, {
    input: `${oids.join('\n')}\n`,
    timeoutMs: TIMEOUT_MS,
    ...(signal ? { signal } : {}),
  })
  if (output.length > BLOBS_LIMIT_BYTES)
    throw new AppError('too_large', 'Files that decide how to build are too large.')
  const blobs: Buffer[] = []
  // `<oid> <type> <size>\n<content>\n`
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at)
    const size = Number(output.subarray(at, end).toString('latin1').split(' ')[2])
    if (!Number.isFinite(size)) throw new Error('git cat-file does not know an object that ls-tree listed')
    blobs.push(output.subarray(end + 1, end + 1 + size))
    at = end + 1 + size + 1
  }
  return blobs
}
