import type { Prisma } from './generated/client.ts'

/** The client inside a transaction. Reads outside of one take `db.client`, which fits too. */
export type Transaction = Prisma.TransactionClient
