import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from './database.ts'
import { isDatabaseAway, orConflict, toAppError, violatedConstraint } from './errors.ts'
import { createTestDatabase, TEST_SECRET_KEY, type TestDatabase } from './testing/index.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.stop())

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  )

describe('a name that is taken', () => {
  test('names its constraint and becomes a conflict, outside and inside of transactions', async () => {
    const { db } = database
    const create = () => db.client.team.create({ data: { slug: 'taken', name: 'x' } })
    await create()
    expect(violatedConstraint(await failure(create()))).toMatch(/slug/)
    expect(await failure(db.transaction((tx) => tx.team.create({ data: { slug: 'taken', name: 'x' } })))).toMatchObject(
      {
        code: 'conflict',
      },
    )
    expect(await failure(orConflict('taken is taken.', create))).toMatchObject({
      code: 'conflict',
      message: 'taken is taken.',
    })
  })

  test('other errors stay what they are', async () => {
    const missing = await failure(database.db.client.team.findUniqueOrThrow({ where: { slug: 'nowhere' } }))
    expect(violatedConstraint(missing)).toBeNull()
    expect(toAppError(missing)).toBe(missing)
  })
})

describe('a database that is away', () => {
  const opened: Database[] = []
  const open = (url: string) => {
    const db = openDatabase(url, { secretKey: TEST_SECRET_KEY, onError: () => undefined })
    opened.push(db)
    return db
  }
  afterAll(async () => {
    for (const db of opened) await db.close()
  })

  async function expectUnavailable(db: Database): Promise<void> {
    expect(isDatabaseAway(await failure(db.client.user.findFirst()))).toBe(true)
    expect(await failure(db.transaction((tx) => tx.user.findFirst()))).toMatchObject({ code: 'unavailable' })
    expect(await failure(db.ping())).toMatchObject({ code: 'unavailable' })
  }

  test('without its socket', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'slipway-away-'))
    await expectUnavailable(open(`postgresql://slipway:x@localhost/slipway?host=${encodeURIComponent(dir)}`))
    await rm(dir, { recursive: true })
  })

  test('with its port closed, and with one that hangs up', async () => {
    const server = net.createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as net.AddressInfo
    await expectUnavailable(open(`postgresql://slipway:x@127.0.0.1:${port}/slipway`))
    await new Promise((resolve) => server.close(resolve))
    await expectUnavailable(open(`postgresql://slipway:x@127.0.0.1:${port}/slipway`))
  })

  test('when it ends a session in the middle of a transaction; the next one works', async () => {
    const db = open(database.url)
    const cut = db.transaction(async (tx) => {
      await tx.$queryRaw`SELECT pg_terminate_backend(pg_backend_pid())`
      await tx.user.findFirst()
    })
    expect(await failure(cut)).toMatchObject({ code: 'unavailable' })
    expect(await db.transaction((tx) => tx.user.count())).toBe(0)
  })
})

test('a full disk is reported as such', async () => {
  const { db } = database
  const full = "DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
  await expect(db.transaction((tx) => tx.$executeRawUnsafe(full))).rejects.toMatchObject({
    code: 'unavailable',
    details: { reason: 'disk_full' },
    message: expect.stringContaining('Free up space'),
  })
})
