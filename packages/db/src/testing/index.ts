import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { z } from 'zod'
import { type Database, openDatabase } from '../database.ts'
import { TEMPLATE_DATABASE } from './names.ts'

/** The key that test databases encrypt with. */
export const TEST_SECRET_KEY = Buffer.alloc(32, 7).toString('base64')

const START_TIMEOUT_MS = 90_000

export interface TestDatabase {
  url: string
  db: Database
  /** Closes `db` and drops the database, whoever is still connected to it. */
  stop(): Promise<void>
}

const answerSchema = z.object({ url: z.string() })

/** One server for each user and state of the migrations, so that a changed migration never meets an old template. */
function socketPath(): string {
  const migrations = path.resolve(import.meta.dirname, '../../../../prisma/migrations')
  const hash = createHash('sha256')
    .update(String(process.getuid?.() ?? 0))
    .update(import.meta.dirname)
  for (const entry of readdirSync(migrations, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) hash.update(readFileSync(path.join(entry.parentPath, entry.name)))
  }
  return path.join(tmpdir(), `slipway-test-pg-${hash.digest('hex').slice(0, 16)}.sock`)
}

/** Connects and waits for the server's address. Null when nobody listens. The connection is the lease: it stays open. */
function lease(file: string): Promise<string | null> {
  return new Promise((resolve) => {
    let text = ''
    const socket = net.connect(file)
    socket.on('data', (chunk) => {
      text += chunk.toString()
      if (!text.includes('\n')) return
      socket.unref()
      resolve(answerSchema.parse(JSON.parse(text)).url)
    })
    socket.on('error', () => resolve(null))
    socket.on('close', () => resolve(null))
  })
}

/** Starts a server, or one that finds that another was faster and ends. Resolves with its errors when it ends. */
function startServer(file: string): { ended: Promise<string>; forget: () => void } {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'server.ts'), file], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-4_000)
  })
  child.unref()
  const ended = new Promise<string>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0
        ? resolve(stderr)
        : reject(new Error(`No Postgres for the tests: it ended with code ${code}. ${stderr}`)),
    )
  })
  return { ended, forget: () => child.stderr.destroy() }
}

async function acquireServer(): Promise<string> {
  const file = socketPath()
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline) {
    const url = await lease(file)
    if (url) return url
    const server = startServer(file)
    let isOver = false
    const over = server.ended.finally(() => {
      isOver = true
    })
    over.catch(() => undefined) // Awaited below, after the loop.
    while (!isOver && Date.now() < deadline) {
      const started = await lease(file)
      if (started) {
        server.forget()
        return started
      }
      await sleep(50)
    }
    if (isOver) await over
  }
  throw new Error(`No Postgres for the tests within ${START_TIMEOUT_MS / 1000} s.`)
}

let serverUrl: Promise<string> | undefined

async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url.replace(`/${TEMPLATE_DATABASE}?`, '/postgres?') })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/**
 * A database of its own for a test file, migrated and empty, copied from a template in about 50 ms. The server is shared by
 * all that test on this machine, starts with the first and ends with the last. Call `stop` in afterAll.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  serverUrl ??= acquireServer()
  const url = await serverUrl
  const name = `test_${randomBytes(8).toString('hex')}`
  await onServer(url, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE_DATABASE}`))
  const ownUrl = url.replace(`/${TEMPLATE_DATABASE}?`, `/${name}?`)
  const db = openDatabase(ownUrl, { secretKey: TEST_SECRET_KEY })
  return {
    url: ownUrl,
    db,
    async stop() {
      await db.close()
      await onServer(url, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
    },
  }
}
