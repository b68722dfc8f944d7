import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

const START_TIMEOUT_MS = 90_000

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

/**
 * The address of the server that all tests of this machine share. It is started by the first that asks and runs as long as any
 * process that asked.
 */
export async function acquireServer(): Promise<string> {
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
