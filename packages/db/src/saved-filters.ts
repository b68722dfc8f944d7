import { AppError, MAX_SAVED_FILTERS, type SavedFilter } from '@slipway/domain'
import type { Database } from './database.ts'

/** The filters of an account, by name. */
export function listSavedFilters(db: Database, userId: string): Promise<SavedFilter[]> {
  return db.client.savedFilter.findMany({
    where: { userId },
    orderBy: { name: 'asc' },
    select: { name: true, query: true },
    take: MAX_SAVED_FILTERS,
  })
}

/** Saves a filter; one of the same name is replaced. Throws `conflict` when the account has too many. */
export async function saveFilter(db: Database, userId: string, { name, query }: SavedFilter): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM users WHERE id = ${userId}::uuid FOR UPDATE`
    const others = await tx.savedFilter.count({ where: { userId, name: { not: name } } })
    if (others >= MAX_SAVED_FILTERS) {
      throw new AppError(
        'conflict',
        `An account can save ${MAX_SAVED_FILTERS} filters. Delete one that you no longer use.`,
      )
    }
    const key = { userId_name: { userId, name } }
    await tx.savedFilter.upsert({ where: key, create: { userId, name, query }, update: { query } })
  })
}

/** Deletes a filter; one that is gone already is not missed. */
export async function deleteFilter(db: Database, userId: string, name: string): Promise<void> {
  await db.client.savedFilter.deleteMany({ where: { userId, name } })
}
