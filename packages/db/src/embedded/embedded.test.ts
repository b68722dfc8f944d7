import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './index.ts'
import { isAlive } from './processes.ts'

const TIMEOUT_MS = 60_000
const TEST_TIMEOUT_MS = 120_000

let root: string
let running: EmbeddedPostgres | undefined
const children: ChildProcess[] = []

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'slipway-embedded-'))
  await chmod(root, 0o755)
})
afterEach(async () => {
  await running?.stop()
  running = undefined
  for (const child of children.splice(0))
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** A process of its own that holds the embedded Postgres; resolves with what it prints once it runs, or with its error. */
async function holdInChild(dir: string): Promise<{ child: ChildProcess; line: string }> {
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(path.join(import.meta.dirname, 'index.ts'))}
    try {
      const postgres = await startEmbeddedPostgres({ dir: ${JSON.stringify(dir)} })
      console.log(JSON.stringify({ url: postgres.url, pid: postgres.stats().pid }))
      setInterval(() => undefined, 1000)
    } catch (error) {
      console.log(JSON.stringify({ error: error.message }))
    }`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [chunk] = await once(child.stdout, 'data')
  return { child, line: String(chunk) }
}

test(
  'data, password and address stay from one start to the next; nothing listens on the network',
  async () => {
    const dir = path.join(root, 'first')
    running = await startEmbeddedPostgres({ dir })
    const { url } = running
    await query(url, 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)')
    expect(await query(url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '' }])
    await expect(query(url.replace(/:[^:@/]+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(
      'password authentication failed',
    )
    expect((await stat(path.join(dir, 'password'))).mode & 0o777).toBe(0o600)
    await running.stop()
    running = await startEmbeddedPostgres({ dir })
    expect(running.url).toBe(url)
    expect(await query(url, 'SELECT id FROM kept')).toEqual([{ id: 7 }])
  },
  TEST_TIMEOUT_MS,
)

test(
  'a killed server starts again by itself, with what was committed',
  async () => {
    const dir = path.join(root, 'crash')
    const crashes: string[] = []
    running = await startEmbeddedPostgres({ dir, onCrash: (reason) => crashes.push(reason) })
    const { url, stats } = running
    await query(url, 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)')
    process.kill(stats().pid ?? 0, 'SIGKILL')
    await vi.waitUntil(() => stats().crashes === 1, TIMEOUT_MS)
    const rows = () => query(url, 'SELECT id FROM kept').catch(() => null)
    await vi.waitUntil(async () => (await rows()) !== null, { timeout: TIMEOUT_MS, interval: 100 })
    expect(await rows()).toEqual([{ id: 7 }])
    expect(crashes[0]).toContain('was killed by SIGKILL')
  },
  TEST_TIMEOUT_MS,
)

test(
  'a second process on the same directory is told who has it',
  async () => {
    const dir = path.join(root, 'taken')
    running = await startEmbeddedPostgres({ dir })
    const { line } = await holdInChild(dir)
    expect(JSON.parse(line).error).toContain(`belongs to process ${process.pid}`)
    expect(await query(running.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  },
  TEST_TIMEOUT_MS,
)

test(
  'when the process that started it is killed, it ends; the next start finds everything',
  async () => {
    const dir = path.join(root, 'orphan')
    const { child, line } = await holdInChild(dir)
    const { url, pid } = JSON.parse(line)
    await query(url, 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)')
    child.kill('SIGKILL')
    // At once, so that the server that was left behind may still be there.
    await once(child, 'exit')
    running = await startEmbeddedPostgres({ dir })
    expect(await isAlive(pid)).toBe(false)
    expect(await query(running.url, 'SELECT id FROM kept')).toEqual([{ id: 7 }])
  },
  TEST_TIMEOUT_MS,
)

test(
  'without a next start, what a killed process left behind ends as well',
  async () => {
    const { child, line } = await holdInChild(path.join(root, 'left'))
    const { pid } = JSON.parse(line)
    expect(await isAlive(pid)).toBe(true)
    child.kill('SIGKILL')
    await vi.waitUntil(async () => !(await isAlive(pid)), { timeout: TIMEOUT_MS, interval: 50 })
  },
  TEST_TIMEOUT_MS,
)

test(
  'a postmaster.pid whose number belongs to another process by now is no hindrance',
  async () => {
    const dir = path.join(root, 'stale')
    running = await startEmbeddedPostgres({ dir })
    const pidFile = path.join(dir, 'data/postmaster.pid')
    const lines = await readFile(pidFile, 'utf8')
    await running.stop()
    await writeFile(pidFile, lines.replace(/^\d+/, String(process.pid)))
    running = await startEmbeddedPostgres({ dir })
    expect(await query(running.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  },
  TEST_TIMEOUT_MS,
)

test(
  'it runs below a directory that nobody else may enter, as a checkout of root is',
  async () => {
    const closed = path.join(root, 'closed')
    const dir = path.join(closed, 'state')
    running = await startEmbeddedPostgres({ dir })
    await running.stop()
    await chmod(closed, 0o700)
    running = await startEmbeddedPostgres({ dir })
    expect(await query(running.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  },
  TEST_TIMEOUT_MS,
)

test(
  'a data directory of another Postgres version is left alone',
  async () => {
    const dir = path.join(root, 'version')
    running = await startEmbeddedPostgres({ dir })
    await running.stop()
    running = undefined
    await writeFile(path.join(dir, 'data/PG_VERSION'), '15\n')
    await expect(startEmbeddedPostgres({ dir })).rejects.toThrow('was written by Postgres 15')
  },
  TEST_TIMEOUT_MS,
)
