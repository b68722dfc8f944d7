import { AppError } from '@slipway/domain'
import { readBlobs, type TreeEntry } from '../git/tree.ts'

/** Pointer files have three lines (git-lfs spec, "The Pointer"): their size is within these bytes. */
const POINTER_BYTES = { min: 100, max: 200 } as const
const POINTER = Buffer.from('version https://git-lfs.github.com/spec/v1\n')
/** More small files than this are not looked into. */
const MAX_CANDIDATES = 20_000

/** @throws AppError conflict that names the files which are Git LFS pointers, where the tree has any below `root` */
export async function refuseLfsPointers(
  repository: string,
  tree: readonly TreeEntry[],
  root: string,
  signal?: AbortSignal,
): Promise<void> {
  const prefix = root === '' ? '' : `${root}/`
  const candidates = tree
    .filter(
      ({ kind, size, path }) =>
        kind === 'file' && size >= POINTER_BYTES.min && size <= POINTER_BYTES.max && path.startsWith(prefix),
    )
    .slice(0, MAX_CANDIDATES)
  const blobs = await readBlobs(
    repository,
    candidates.map(({ oid }) => oid),
    signal,
  )
  const pointers = candidates.filter((_each, index) => blobs[index]?.subarray(0, POINTER.length).equals(POINTER))
  const [first] = pointers
  if (first === undefined) return
  const others = pointers.length === 1 ? '' : ` and ${pointers.length - 1} other${pointers.length === 2 ? '' : 's'}`
  throw new AppError(
    'conflict',
    `${first.path}${others} ${pointers.length === 1 ? 'is only a Git LFS pointer' : 'are only Git LFS pointers'}: Slipway does not fetch LFS objects. Commit the content itself (git lfs migrate export), or download it during the build.`,
  )
}
