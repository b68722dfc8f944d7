import { AppError } from '@slipway/domain'

/** One page of a list: the first `limit` rows after `cursor`, newest first. */
export interface PageRequest {
  cursor?: string | null
  limit: number
}
export interface PageOf<Row> {
  rows: Row[]
  nextCursor: string | null
}

function malformed(): AppError {
  return new AppError('invalid_input', 'The cursor does not belong to this list. Start from the first page.')
}

/** A cursor of lists that are ordered by number: what comes next is lower than it. */
export function beforeNumber(cursor: string | null | undefined): { lt: number } | undefined {
  if (cursor === null || cursor === undefined) return undefined
  const number = Number(cursor)
  if (!Number.isSafeInteger(number) || number < 1 || number > 2_147_483_647) throw malformed()
  return { lt: number }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A cursor of lists that are ordered by id: ids are UUIDv7, which grow with time. */
export function beforeId(cursor: string | null | undefined): { lt: string } | undefined {
  if (cursor === null || cursor === undefined) return undefined
  if (!UUID.test(cursor)) throw malformed()
  return { lt: cursor }
}

/** Cuts `limit + 1` rows to a page; the row too many only says that there is more. */
export function pageOf<Row>(rows: Row[], limit: number, cursorOf: (row: Row) => string): PageOf<Row> {
  const kept = rows.slice(0, limit)
  const last = kept.at(-1)
  return { rows: kept, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null }
}
