import { randomInt } from 'node:crypto'
import type { Database } from './database.ts'

/** Who this Slipway is on a cluster that others share. */
export interface InstallationId {
  id: string
  /** Every id that it has had: what carries one of them is its own. */
  known: readonly string[]
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const GENERATED_LENGTH = 8

/**
 * The id of this installation: the wanted one, or else the first that it had; one is made up where there is none. All processes on
 * one database agree, and every id is remembered, so that what an earlier one labelled can be adopted.
 */
export function resolveInstallation(db: Database, wanted: string | null): Promise<InstallationId> {
  return db.transaction(async (tx) => {
    await tx.$executeRaw`LOCK TABLE installations IN EXCLUSIVE MODE`
    const rows = await tx.installation.findMany({ orderBy: [{ createdAt: 'asc' }, { id: 'asc' }], take: 100 })
    const known = rows.map(({ id }) => id)
    const id = wanted ?? known[0] ?? generate()
    if (known.includes(id)) return { id, known }
    await tx.installation.create({ data: { id } })
    return { id, known: [...known, id] }
  })
}

const generate = () => Array.from({ length: GENERATED_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('')
