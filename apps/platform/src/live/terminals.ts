import { type Database, noteRunActivity } from '@slipway/db'
import { AppError, TERMINAL_IDLE_MINUTES } from '@slipway/domain'
import { type Cluster, KubeApiError } from '@slipway/kube'
import { CONTAINER_NAME } from '@slipway/manifests'
import type {
  ExecOfTerminal,
  RunOfTerminal,
  TerminalEvent,
  TerminalFollow,
  TerminalOwner,
  Terminals,
} from '../ports/terminals.ts'
import { createHeldLimiter } from '../server/fair-limiter.ts'
import { createBell } from '../server/pause.ts'
import type { ClusterCaches } from './caches.ts'
import { driveRun } from './run-terminal.ts'
import { Terminal } from './terminal.ts'

/** Terminals of one process at once: each holds a connection to the API server. */
const MAX_TERMINALS = 300
/** So long after its last client left a terminal is let go. A command in an instance ends with it, a Job goes on. */
const LEFT_MS = 2 * 60_000
const SWEEP_MS = 15_000
const IDLE_MS = TERMINAL_IDLE_MINUTES * 60_000
/** As often as this the row of a command is told that it is used. */
const NOTE_MS = 60_000

export interface TerminalsParts {
  cluster: Pick<Cluster, 'attach' | 'exec' | 'readLog'>
  caches: Pick<ClusterCaches, 'podsOfJob'>
  db: Database
  /** Terminals that one account may hold. */
  perAccount: number
  /** The row, the Job or the pod of a command changed. */
  onRunChange: (listener: (runId: string) => void) => () => void
  /** Told why a terminal broke; never what it shows. */
  onError: (error: unknown) => void
  now: () => Date
}

interface Held {
  terminal: Terminal
  isRun: boolean
  notedAtMs: number
  /** Ends what keeps it connected. */
  stop: AbortController
  giveBack: () => void
}

export interface RunningTerminals extends Terminals {
  stop(): void
  stats(): { terminals: number; viewers: number }
}

export function createTerminals(parts: TerminalsParts): RunningTerminals {
  const held = new Map<string, Held>()
  const byAccount = createHeldLimiter(parts.perAccount)
  const nowMs = () => parts.now().getTime()

  function open(id: string, owner: TerminalOwner, instance: string | null): Held {
    const giveBack = held.size >= MAX_TERMINALS ? null : byAccount.take(owner.userId)
    if (giveBack === null) {
      throw new AppError('rate_limited', 'Too many terminals are open. Close some, and try again in two minutes.')
    }
    const terminal = new Terminal(id, owner, { instance, now: nowMs })
    const stop = new AbortController()
    const entry = { terminal, isRun: instance === null, notedAtMs: terminal.activeAtMs, stop, giveBack }
    held.set(id, entry)
    return entry
  }

  function letGo({ terminal, stop, giveBack }: Held): void {
    held.delete(terminal.id)
    stop.abort()
    terminal.disconnect()
    giveBack()
  }

  function find(id: string, owner: TerminalOwner): Held | undefined {
    const found = held.get(id)
    if (found === undefined) return undefined
    const { appId, userId } = found.terminal.owner
    if (appId !== owner.appId || userId !== owner.userId) throw new AppError('not_found', 'There is no such terminal.')
    return found
  }

  function startRun(run: RunOfTerminal): Held {
    const entry = open(run.id, run, null)
    const bell = createBell()
    const { signal } = entry.stop
    const unsubscribe = parts.onRunChange((id) => {
      if (id === run.id) bell.ring()
    })
    driveRun(parts, entry.terminal, run, { bell, signal })
      .catch((error) => {
        parts.onError(error)
        entry.terminal.set({ end: { exitCode: null, failure: 'The terminal broke off. The command may still run.' } })
      })
      .finally(unsubscribe)
    return entry
  }

  function startExec(exec: ExecOfTerminal): Held {
    if (exec.isResumed) {
      throw new AppError('conflict', 'The terminal has ended: its connection to the instance was lost.')
    }
    const entry = open(exec.id, exec, exec.instance)
    void driveExec(parts.cluster, entry.terminal, exec)
    return entry
  }

  async function* follow({ terminal }: Held, options: TerminalFollow): AsyncGenerator<TerminalEvent> {
    yield* terminal.follow(options.resumeFrom, options.size, options.sink, options.signal)
  }

  const sweep = setInterval(() => {
    for (const entry of held.values()) {
      const { terminal, isRun } = entry
      if (terminal.viewers === 0 && nowMs() - terminal.leftAtMs > LEFT_MS) letGo(entry)
      else if (isRun) note(entry)
      else if (terminal.end === null && nowMs() - terminal.activeAtMs > IDLE_MS) {
        terminal.set({ end: { exitCode: null, failure: IDLE } })
        terminal.disconnect()
      }
    }
  }, SWEEP_MS).unref()

  function note(entry: Held): void {
    const { activeAtMs, id } = entry.terminal
    if (activeAtMs - entry.notedAtMs < NOTE_MS) return
    entry.notedAtMs = activeAtMs
    noteRunActivity(parts.db, id, new Date(activeAtMs)).catch(parts.onError)
  }

  return {
    async *followRun(run, options) {
      yield* follow(find(run.id, run) ?? startRun(run), options)
    },
    async *followExec(exec, options) {
      yield* follow(find(exec.id, exec) ?? startExec(exec), options)
    },
    send(id, owner, input) {
      const found = find(id, owner)
      if (found === undefined) throw new AppError('conflict', 'This terminal is not connected here any more.')
      return found.terminal.send(input)
    },
    closeExec(id, owner) {
      const found = find(id, owner)
      if (found === undefined || found.isRun || found.terminal.end !== null) return
      found.terminal.set({ end: { exitCode: null, failure: 'The terminal was closed.' } })
      found.terminal.disconnect()
    },
    stop() {
      clearInterval(sweep)
      for (const entry of [...held.values()]) letGo(entry)
    },
    stats: () => ({
      terminals: held.size,
      viewers: [...held.values()].reduce((sum, { terminal }) => sum + terminal.viewers, 0),
    }),
  }
}

const IDLE = `It was ended after ${TERMINAL_IDLE_MINUTES} minutes without input or output.`

/** Runs the command and waits for its end, once: it cannot be joined again. */
async function driveExec(cluster: Pick<Cluster, 'exec'>, terminal: Terminal, exec: ExecOfTerminal): Promise<void> {
  try {
    const remote = await cluster.exec({ namespace: exec.namespace, name: exec.instance }, exec.command, {
      ...{ container: CONTAINER_NAME, tty: exec.terminal, stdin: true, output: true },
      onOutput: (stream, data) => terminal.output({ stream, data }),
    })
    terminal.connect(remote)
    // It was closed while it was opened.
    if (terminal.end !== null) return terminal.disconnect()
    const { exitCode } = await remote.ended
    if (terminal.end === null) terminal.set({ end: { exitCode, failure: null } })
  } catch (error) {
    if (terminal.end === null) terminal.set({ end: { exitCode: null, failure: failureOf(error, exec.instance) } })
  }
  terminal.disconnect()
}

function failureOf(error: unknown, instance: string): string {
  if (error instanceof KubeApiError) return `It could not be run in ${instance}: ${error.message}`
  return `The connection to ${instance} was cut. The instance may have been replaced.`
}
