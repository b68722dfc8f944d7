import type { Database } from './database.ts'
import { Prisma } from './generated/client.ts'
import { type Channel, notify } from './notify.ts'
import type { Transaction } from './transaction.ts'

/** One block of a log at most; a longer text becomes several. */
const CHUNK_BYTES = 64 * 1024
/** Blocks of about this much together are answered by one read. */
const READ_BYTES = 512 * 1024

/** Whose log: that of a build, or of a run whose output is kept. It goes with the row. */
export type LogOwner = 'build' | 'run'
export interface LogOf {
  owner: LogOwner
  id: string
}

const STORES = {
  build: {
    ...{ rows: Prisma.raw('builds'), chunks: Prisma.raw('build_log_chunks'), key: Prisma.raw('"buildId"') },
    channel: 'slipway_build_log',
  },
  run: {
    ...{ rows: Prisma.raw('runs'), chunks: Prisma.raw('run_log_chunks'), key: Prisma.raw('"runId"') },
    channel: 'slipway_run_log',
  },
} as const satisfies Record<LogOwner, { rows: Prisma.Sql; chunks: Prisma.Sql; key: Prisma.Sql; channel: Channel }>

interface Chunk {
  offset: number
  size: number
  text: string
}

/** One writer at a time for each log, so that no two blocks have the same place. */
async function lockLog(tx: Transaction, id: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('slipway.build_log'), hashtext(${id}))`
}

async function sizeOf(tx: Transaction, { owner, id }: LogOf): Promise<number> {
  const { chunks, key } = STORES[owner]
  const [last] = await tx.$queryRaw<{ end: number }[]>`
    SELECT c."offset" + c.size AS end FROM ${chunks} c WHERE c.${key} = ${id}::uuid ORDER BY c."offset" DESC LIMIT 1`
  return last?.end ?? 0
}

/**
 * Appends to a log. `encode` is given the log's size in bytes and answers whole lines, each with its line feed; it may answer
 * nothing. What is gone keeps no log. Followers are notified when it commits.
 */
export function appendLog(db: Database, log: LogOf, encode: (sizeBefore: number) => string): Promise<void> {
  const { rows, chunks, key, channel } = STORES[log.owner]
  return db.transaction(async (tx) => {
    await lockLog(tx, log.id)
    const found = await tx.$queryRaw<unknown[]>`SELECT 1 FROM ${rows} WHERE id = ${log.id}::uuid`
    if (found.length === 0) return
    const size = await sizeOf(tx, log)
    const blocks = chunksOf(encode(size), size)
    if (blocks.length === 0) return
    const values = blocks.map((each) => Prisma.sql`(${log.id}::uuid, ${each.offset}, ${each.size}, ${each.text})`)
    await tx.$executeRaw`INSERT INTO ${chunks} (${key}, "offset", size, text) VALUES ${Prisma.join(values)}`
    await notify(tx, channel, log.id)
  })
}

/** Cuts at line feeds, so that every block is readable by itself. */
function chunksOf(text: string, from: number): Chunk[] {
  const chunks: Chunk[] = []
  let offset = from
  let lines: string[] = []
  let size = 0
  const close = () => {
    if (size === 0) return
    chunks.push({ offset, size, text: lines.join('') })
    offset += size
    lines = []
    size = 0
  }
  for (const line of text.split(/(?<=\n)/)) {
    const bytes = Buffer.byteLength(line)
    if (size > 0 && size + bytes > CHUNK_BYTES) close()
    lines.push(line)
    size += bytes
  }
  close()
  return chunks
}

/** The log from byte `from` on, half a MiB of it and one block at most; empty at its end. `from` inside a block answers the rest of it. */
export async function readLog(db: Database, { owner, id }: LogOf, from: number): Promise<Buffer> {
  const { chunks, key } = STORES[owner]
  const [inside] = await db.client.$queryRaw<{ offset: number }[]>`
    SELECT c."offset" FROM ${chunks} c WHERE c.${key} = ${id}::uuid AND c."offset" <= ${from} ORDER BY c."offset" DESC LIMIT 1`
  const start = inside?.offset ?? from
  const found = await db.client.$queryRaw<Chunk[]>`
    SELECT c."offset", c.size, c.text FROM ${chunks} c
    WHERE c.${key} = ${id}::uuid AND c."offset" >= ${start} AND c."offset" < ${start + READ_BYTES} ORDER BY c."offset"`
  const first = found[0]
  if (first === undefined) return Buffer.alloc(0)
  return Buffer.concat(found.map(({ text }) => Buffer.from(text))).subarray(Math.max(0, from - first.offset))
}

/** Bytes that a log has. */
export function logSize(db: Database, log: LogOf): Promise<number> {
  return sizeOf(db.client, log)
}
