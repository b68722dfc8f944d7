import type { Database } from './database.ts'
import { notify } from './notify.ts'
import type { Transaction } from './transaction.ts'

/** One block of a build's log at most; a longer text becomes several. */
const CHUNK_BYTES = 64 * 1024
/** Blocks of about this much together are answered by one read. */
const READ_BYTES = 512 * 1024

/** One writer at a time for each log, so that no two blocks have the same place. */
async function lockLog(tx: Transaction, buildId: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('slipway.build_log'), hashtext(${buildId}))`
}

/**
 * Appends to a build's log. `encode` is given the log's size in bytes and answers whole lines, each with its line feed; it may
 * answer nothing. A build that is gone keeps no log. Followers are notified when it commits.
 */
export function appendBuildLog(db: Database, buildId: string, encode: (sizeBefore: number) => string): Promise<void> {
  return db.transaction(async (tx) => {
    await lockLog(tx, buildId)
    if ((await tx.build.count({ where: { id: buildId } })) === 0) return
    const last = await tx.buildLogChunk.findFirst({
      where: { buildId },
      orderBy: { offset: 'desc' },
      select: { offset: true, size: true },
    })
    const size = last === null ? 0 : last.offset + last.size
    const data = chunksOf(encode(size), size).map((chunk) => ({ buildId, ...chunk }))
    if (data.length === 0) return
    await tx.buildLogChunk.createMany({ data })
    await notify(tx, 'slipway_build_log', buildId)
  })
}

/** Cuts at line feeds, so that every block is readable by itself. */
function chunksOf(text: string, from: number): { offset: number; size: number; text: string }[] {
  const chunks: { offset: number; size: number; text: string }[] = []
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
export async function readBuildLog(db: Database, buildId: string, from: number): Promise<Buffer> {
  const inside = await db.client.buildLogChunk.findFirst({
    where: { buildId, offset: { lte: from } },
    orderBy: { offset: 'desc' },
    select: { offset: true },
  })
  const start = inside?.offset ?? from
  const chunks = await db.client.buildLogChunk.findMany({
    where: { buildId, offset: { gte: start, lt: start + READ_BYTES } },
    orderBy: { offset: 'asc' },
  })
  const first = chunks[0]
  if (first === undefined) return Buffer.alloc(0)
  return Buffer.concat(chunks.map(({ text }) => Buffer.from(text))).subarray(Math.max(0, from - first.offset))
}

/** Bytes that a build's log has. */
export async function buildLogSize(db: Database, buildId: string): Promise<number> {
  const last = await db.client.buildLogChunk.findFirst({
    where: { buildId },
    orderBy: { offset: 'desc' },
    select: { offset: true, size: true },
  })
  return last === null ? 0 : last.offset + last.size
}
