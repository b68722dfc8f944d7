import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { NodeLog } from '../options.ts'

export const SCRIPT = join(import.meta.dirname, 'network.pl')
/** Delay before the table is rebuilt once its process has died. */
const RESTART_MS = 1_000

export interface Place {
  host: string
  /** 0: any, and the same on the other side. */
  port: number
}

/**
 * Where connections of containers go that are made to an address which nothing on this machine has. Routes that are set before
 * it is opened, or while it is made again, are in the table once it is there.
 */
export interface Routes {
  /** Puts the table in front of all connections from below the groups. */
  open(): void
  set(from: Place, to: Place): void
  delete(from: Place): void
  /** Resolves when the kernel has every route of now. */
  settled(): Promise<void>
  /** The table stays as it is for what still runs. */
  close(): void
}

/** @param groups control groups of version 2, made when they are absent */
export function createRoutes(groups: readonly string[], log: NodeLog): Routes {
  const routes = new Map<string, string>()
  const state = { keeper: null as ChildProcess | null, ready: false, closed: false, sent: 0, answered: 0 }
  let waiting: { until: number; resolve: () => void }[] = []

  const send = (line: string) => {
    if (!state.ready) return
    state.sent += 1
    state.keeper?.stdin?.write(`${line}\n`)
  }

  const answer = () => {
    const isDone = (until: number) => state.closed || (state.ready && state.answered >= until)
    const done = waiting.filter(({ until }) => isDone(until))
    waiting = waiting.filter(({ until }) => !isDone(until))
    for (const { resolve } of done) resolve()
  }

  const onLine = (line: string) => {
    if (line === 'ready') {
      Object.assign(state, { ready: true, sent: 0, answered: 0 })
      for (const [from, to] of routes) send(`${from} ${to}`)
      for (const each of waiting) each.until = state.sent
    } else state.answered += 1
    answer()
  }

  const open = () => {
    for (const group of groups) mkdirSync(group, { recursive: true })
    const keeper = spawn('perl', [SCRIPT, 'route', ...groups], { stdio: ['pipe', 'pipe', 'pipe'] })
    state.keeper = keeper
    let said = ''
    keeper.stderr.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-1000)
    })
    keeper.stdin.on('error', () => undefined) // Its end is seen below.
    keeper.on('error', (error) => {
      said = error.message
    })
    createInterface({ input: keeper.stdout }).on('line', onLine)
    keeper.on('close', (code) => {
      state.ready = false
      if (state.closed) return
      log.warn('the routes to pods are made again', { code, error: said.trim() })
      setTimeout(() => !state.closed && open(), RESTART_MS).unref()
    })
  }

  return {
    open,
    set(from, to) {
      const [key, value] = [`${from.host} ${from.port}`, `${to.host} ${to.port}`]
      if (routes.get(key) === value) return
      routes.set(key, value)
      send(`${key} ${value}`)
    },
    delete(from) {
      const key = `${from.host} ${from.port}`
      if (routes.delete(key)) send(key)
    },
    settled() {
      return new Promise((resolve) => {
        waiting.push({ until: state.sent, resolve })
        answer()
      })
    },
    close() {
      state.closed = true
      state.keeper?.stdin?.end()
      answer()
    },
  }
}
