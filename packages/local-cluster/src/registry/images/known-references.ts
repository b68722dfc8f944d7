import { readFile, rename, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { absentAs } from '../../types/system-error.ts'

const schema = z.record(z.string(), z.string())
/** Those set last are kept. */
const MOST_REFERENCES = 1_000

/** Which image a reference to another registry meant when it was pulled last, as the images that are on a node. */
export interface KnownReferences {
  find(reference: string): string | null
  set(reference: string, digest: string): Promise<void>
}

export async function createKnownReferences(file: string): Promise<KnownReferences> {
  const text = await readFile(file, 'utf8').catch(absentAs(null))
  const known = new Map(Object.entries(text === null ? {} : schema.parse(JSON.parse(text))))
  let writing = Promise.resolve()
  return {
    find: (reference) => known.get(reference) ?? null,
    set(reference, digest) {
      if (known.get(reference) === digest) return Promise.resolve()
      known.delete(reference)
      known.set(reference, digest)
      for (const oldest of known.keys()) {
        if (known.size <= MOST_REFERENCES) break
        known.delete(oldest)
      }
      writing = writing.then(async () => {
        await writeFile(`${file}.partial`, JSON.stringify(Object.fromEntries(known)))
        await rename(`${file}.partial`, file)
      })
      return writing
    },
  }
}
