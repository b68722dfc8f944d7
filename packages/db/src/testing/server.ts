// The Postgres that test files of one machine share while any of them runs: started by the first, gone after the last.
// Usage: server.ts <lock socket>. A test process holds a connection to the socket for as long as it needs the server, so
// that a killed one lets go too.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '../embedded/index.ts'
import { migrate } from '../migrate.ts'
import { TEMPLATE_DATABASE } from './names.ts'

const IDLE_TIMEOUT_MS = 5_000
/** Data of a test outlives no crash, so nothing has to reach the disk. */
const FAST_AND_LOOSE = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  autovacuum: 'off',
  max_wal_size: '256MB',
}

const [socketPath] = process.argv.slice(2)
if (!socketPath) throw new Error('usage: server.ts <lock socket>')

/** Binds the socket; false when another server has it. */
function bind(server: net.Server, file: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    server.listen(file, () => resolve(true))
  })
}

/** True when a server answers on the socket. */
function isServed(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(file)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

let ready: string | undefined
const leases = new Set<net.Socket>()
let idleTimer: NodeJS.Timeout | undefined
let stop = async (): Promise<void> => undefined

function idle(): void {
  clearTimeout(idleTimer)
  if (leases.size === 0) idleTimer = setTimeout(() => void stop(), IDLE_TIMEOUT_MS)
}

const server = net.createServer((socket) => {
  leases.add(socket)
  clearTimeout(idleTimer)
  if (ready) socket.write(ready)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    leases.delete(socket)
    idle()
  })
})
if (!(await bind(server, socketPath))) {
  if (await isServed(socketPath)) process.exit(0)
  await rm(socketPath, { force: true })
  if (!(await bind(server, socketPath))) process.exit(0)
}

const dir = await mkdtemp(path.join(tmpdir(), 'slipway-test-pg-'))
try {
  // As root, Postgres runs as another user, who has to enter.
  await chmod(dir, 0o755)
  const postgres = await startEmbeddedPostgres({ dir, database: TEMPLATE_DATABASE, settings: FAST_AND_LOOSE })
  stop = async () => {
    server.close()
    await postgres.stop()
    await rm(dir, { recursive: true, force: true })
    process.exit(0)
  }
  await migrate(postgres.url)
  const admin = new pg.Client({ connectionString: postgres.url.replace(`/${TEMPLATE_DATABASE}?`, '/postgres?') })
  await admin.connect()
  await admin.query(`ALTER DATABASE ${TEMPLATE_DATABASE} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`)
  await admin.end()
  ready = `${JSON.stringify({ url: postgres.url })}\n`
} catch (error) {
  console.error(error)
  await rm(dir, { recursive: true, force: true })
  process.exit(1)
}
for (const socket of leases) socket.write(ready)
idle()
