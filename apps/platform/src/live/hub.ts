import { AppError } from '@slipway/domain'
import type { LiveSource } from '../ports/logs.ts'
import { createHeldLimiter } from '../server/fair-limiter.ts'
import { createBell } from '../server/pause.ts'
import type { KeptLogs } from './kept-logs.ts'
import { type FollowParts, followLogs } from './log-follow.ts'
import { followRun } from './run-log.ts'

/** Log streams of one process at once: each holds a connection to the API server for every instance. */
const MAX_LOG_STREAMS = 500

/** Logs as they come, and what notifications of the database say of accounts and commands. Apps' changes are AppState's. */
export interface LiveHub extends LiveSource {
  /** An account's sessions, tokens or roles changed. */
  accountChanged(userId: string): void
  /** A command that runs once changed. */
  runChanged(runId: string): void
  /** The row, the Job or the pod of a command changed. */
  onRunChange(listener: (runId: string) => void): () => void
  stats(): { logStreams: number }
}

export interface HubParts extends FollowParts {
  buildLogs: KeptLogs
  runLogs: KeptLogs
  /** Log streams that one team may hold of the MAX_LOG_STREAMS. */
  teamLogStreams: number
}

export function createLiveHub(parts: HubParts): LiveHub {
  const byTeam = createHeldLimiter(parts.teamLogStreams)
  const accountListeners = new Set<(userId: string) => void>()
  const runListeners = new Set<(runId: string) => void>()
  const takeStream = (team: string): (() => void) => {
    if (byTeam.size >= MAX_LOG_STREAMS) throw tooMany(MAX_LOG_STREAMS, 'here')
    const giveBack = byTeam.take(team)
    if (giveBack === null) throw tooMany(parts.teamLogStreams, `in the team ${team}`)
    return giveBack
  }
  const onRunChange = (listener: (runId: string) => void) => {
    runListeners.add(listener)
    const stop = parts.caches.onRunChange(listener)
    return () => {
      stop()
      runListeners.delete(listener)
    }
  }
  return {
    accountChanged(userId) {
      for (const listener of accountListeners) listener(userId)
    },
    onAccountChange(listener) {
      accountListeners.add(listener)
      return () => void accountListeners.delete(listener)
    },
    async *followLogs(target, query, sink, signal) {
      const giveBack = takeStream(target.ref.team)
      try {
        yield* followLogs(parts, target, query, sink, signal)
      } finally {
        giveBack()
      }
    },
    runChanged(runId) {
      for (const listener of runListeners) listener(runId)
    },
    onRunChange,
    async *followRun(run, options) {
      const giveBack = takeStream(run.team)
      const bell = createBell()
      const stop = onRunChange((id) => {
        if (id === run.id) bell.ring()
      })
      try {
        yield* followRun(parts, run, { ...options, bell })
      } finally {
        stop()
        giveBack()
      }
    },
    async *followKeptLog({ owner, id }, options) {
      const logs = owner === 'build' ? parts.buildLogs : parts.runLogs
      for await (const { entries, offset } of logs.follow(id, options)) {
        yield { offset, lines: entries.map(({ text }) => text) }
      }
    },
    stats: () => ({ logStreams: byTeam.size }),
  }
}

const tooMany = (count: number, where: string) =>
  new AppError('rate_limited', `${count} log streams are open ${where} already. Close some and try again.`)
