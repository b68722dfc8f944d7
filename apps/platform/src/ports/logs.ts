import type { LogOf, WantedApp } from '@slipway/db'
import type { LogBatch, LogLine } from '@slipway/domain'

/** Where an app's pods are. */
export type AppPlace = Pick<WantedApp, 'id' | 'ref' | 'namespace'>

export interface LogQuery {
  process?: string
  instance?: string
  /** Lines at most: the newest, or with `since` the oldest from that time on. */
  tail: number
  /** RFC 3339. */
  since?: string
}

/** Runtime logs, all processes merged. Throws `unavailable` while the cluster is away. */
export interface LogReader {
  read(place: AppPlace, query: LogQuery, signal: AbortSignal): Promise<LogLine[]>
}

/** What builds printed; kept after they ended. */
export interface BuildLogReader {
  /** The last lines, oldest first; none when nothing is kept of it. */
  tail(buildId: string, lines: number): Promise<string[]>
}

/** How to follow runtime logs: from a tail, or from where the client was cut. */
export interface LogFollowQuery extends LogQuery {
  /** Id of the last batch that the client saw; null begins with the tail. */
  resumeFrom: string | null
}

/** How fast the reader takes what is sent. */
export interface LogSink {
  /** Bytes that were sent and not taken yet. */
  backlogBytes(): number
}

/** A command that runs once, where its Job is. */
export interface FollowedRun {
  id: string
  team: string
  namespace: string
  job: string
}

/** What came of a command's output. */
export interface RunOutput {
  /** Where a client that was cut goes on. */
  id: string
  lines: string[]
  /** Why it has not begun, in a sentence. */
  waiting: string | null
}

/** What subscriptions read from: changes as they are seen, logs as they come. */
export interface LiveSource {
  /** Calls back with the id of every account whose sessions, tokens or roles may have changed. */
  onAccountChange(listener: (userId: string) => void): () => void
  /** Runtime logs of all instances, also of those that come later, until `signal` fires. Throws `unavailable` where too many follow. */
  followLogs(
    place: AppPlace,
    query: LogFollowQuery,
    sink: LogSink,
    signal: AbortSignal,
  ): AsyncIterable<{ id: string; batch: LogBatch }>
  /** A log that is kept from byte `from` on, until `isOver` and all was read. */
  followKeptLog(
    log: LogOf,
    options: { from: number; isOver: () => Promise<boolean>; signal: AbortSignal },
  ): AsyncIterable<{ offset: number; lines: string[] }>
  /** The output of a command until `isOver` and all was read. Throws `rate_limited` where too many follow. */
  followRun(
    run: FollowedRun,
    options: { resumeFrom: string | null; isOver: () => Promise<boolean>; sink: LogSink; signal: AbortSignal },
  ): AsyncIterable<RunOutput>
}
