import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { createFieldCipher, type FieldCipher } from './encryption.ts'
import { toAppError } from './errors.ts'
import { PrismaClient } from './generated/client.ts'
import { type Listener, type ListenOptions, listen } from './notify.ts'
import type { Transaction } from './transaction.ts'

export interface DatabaseOptions {
  /** 32 bytes, base64: encrypts config vars and secrets. */
  secretKey: string
  /** Keys that values may still be encrypted with. */
  previousKeys?: readonly string[]
  /** Connections at most, 10 when not given. */
  maxConnections?: number
  /** Told of errors on idle connections; the pool replaces these by itself. */
  onError?: (error: Error) => void
}

/** One open database: hand it to every query of this package. */
export interface Database {
  readonly client: PrismaClient
  /** For the few statements that Prisma has no words for. */
  readonly pool: pg.Pool
  readonly cipher: FieldCipher
  /** READ COMMITTED; at most 15 s long, 10 s of waiting for a connection. Database errors come as AppError where one fits. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  /** A connection of its own that hears NOTIFY on these channels. */
  listen(options: Omit<ListenOptions, 'connectionString'>): Listener
  /** Resolves when the database answers; throws `unavailable`. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** Opens a pool on `url`. Connects on first use; migrations are `migrate`'s. Throws `invalid_input` on a bad key. */
export function openDatabase(url: string, options: DatabaseOptions): Database {
  const cipher = createFieldCipher(options.secretKey, options.previousKeys)
  const pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    application_name: 'slipway',
  })
  const onError = options.onError ?? ((error: Error) => console.error(`slipway database: ${error.message}`))
  pool.on('error', onError)
  const client = new PrismaClient({
    adapter: new PrismaPg(pool, { onPoolError: onError, onConnectionError: onError }),
    transactionOptions: { maxWait: 10_000, timeout: 15_000 },
  })
  return {
    client,
    pool,
    cipher,
    async transaction(work) {
      try {
        return await client.$transaction(work)
      } catch (error) {
        throw toAppError(error)
      }
    },
    listen: (listenOptions) => listen({ ...listenOptions, connectionString: url }),
    async ping() {
      try {
        await pool.query('SELECT 1')
      } catch (error) {
        throw toAppError(error)
      }
    },
    async close() {
      await client.$disconnect()
      await pool.end()
    },
  }
}
