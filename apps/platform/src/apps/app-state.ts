import { type Database, type LogOf, readWantedApps, type WantedApp } from '@slipway/db'
import type { AppSummary, CertificateView } from '@slipway/domain'
import { AppEntry, type EntryCounters } from './app-entry.ts'
import { type AppFilter, AppIndex } from './app-index.ts'
import type { ObservedApp } from './observed.ts'
import { createRenewals } from './renewals.ts'
import { logOfFailure, standingOf } from './standing.ts'
import { type SharedAppView, summaryOf, type ViewConfig, viewOf } from './view.ts'

const TAIL_LINES = 20
/** After a read that failed, until the rows are read whole again. */
const RECOVER_MS = 1_000

/**
 * The state of every app: id → wanted, observed, and the views derived from both. A NOTIFY renews the wanted half (`refresh`, one
 * statement for all pending ids); an informer event invalidates the observed half (`touch`). Changes are coalesced per tick, and
 * health and views are computed lazily, once a change, on the first read. The reconciler, all streams and all lists read it. Safety
 * net: all rows are read again at each (re)connect of the listener, on becoming the leader and every five minutes; while the listener
 * is disconnected, `fresh` reads rows before it resolves.
 */
export interface AppState {
  /** Reads these rows again, or all. Resolves when they are in. */
  refresh(ids?: readonly string[]): Promise<void>
  /** Reads rows again unless changes are heard of: for who must not answer from memory alone. */
  fresh(ids?: readonly string[]): Promise<void>
  /** Whether notifications of the database are heard from now on; with the next whole read memory is current then. */
  setListening(isListening: boolean): void
  /** The wanted half, also of an app that is being deleted. */
  wanted(id: string): WantedApp | undefined
  /** The observed half; undefined when the app is gone. */
  observed(id: string): ObservedApp | undefined
  /** What its page shows; undefined when it is gone or going. The same object as long as nothing of it changes. */
  view(id: string): SharedAppView | undefined
  /** As `view`, for lists. */
  summary(id: string): AppSummary | undefined
  /** Ids of the apps of these teams that the filter names, by path; those that are going left out. */
  list(teamIds: ReadonlySet<string>, filter: AppFilter): string[]
  isListed(id: string, teamIds: ReadonlySet<string>, filter: AppFilter): boolean
  ids(): string[]
  /** Something in the cluster that concerns an app changed. */
  touch(id: string): void
  /** The same of all apps. */
  touchAll(): void
  /** What was written to an app's row without telling anybody. */
  noteStored(id: string, stored: Partial<WantedApp['stored']>): void
  /** Calls back with the id of every app that may have changed, came or went, once a tick. */
  onChange(listener: (id: string) => void): () => void
  /** The same of one app. */
  onChangeOf(id: string, listener: () => void): () => void
  stats(): AppStateStats
  stop(): void
}

export interface AppStateStats extends EntryCounters {
  apps: number
  listeners: number
  /** Statements that read wanted halves. */
  reads: number
  changes: number
}

export interface AppStateParts {
  db: Database
  config: ViewConfig
  /** Null while the cluster cannot be read. */
  observe(app: WantedApp): ObservedApp | null
  certificateOf(app: WantedApp, hostname: string): CertificateView | null
  /** The last lines of a log that is kept. */
  tail(log: LogOf, lines: number): Promise<string[]>
  /** Told of rows that could not be read; they are read again. */
  onError(error: unknown): void
}

export function createAppState(parts: AppStateParts): AppState {
  const index = new AppIndex()
  const counters: EntryCounters = { healthComputations: 0, serialisations: 0 }
  const totals = { reads: 0, changes: 0 }
  const listeners = new Set<(id: string) => void>()
  const listenersOf = new Map<string, Set<() => void>>()
  const changed = new Set<string>()
  /** Every row was read, and all changes since are heard of. */
  let isCurrent = false
  let isListening = false
  let isStopped = false
  let recovering: NodeJS.Timeout | undefined

  /** Readers compute when they are told, so what changes until the end of this tick costs them nothing more. */
  function change(id: string): void {
    index.get(id)?.invalidate()
    if (changed.size === 0) setImmediate(emit)
    changed.add(id)
  }
  function emit(): void {
    const ids = [...changed]
    changed.clear()
    totals.changes += ids.length
    for (const id of ids) {
      for (const listener of listeners) listener(id)
      for (const listener of listenersOf.get(id) ?? []) listener()
    }
  }

  const { config } = parts
  const renderers = {
    observe: (app: WantedApp, tail: readonly string[]) => standingOf(app, parts.observe(app), tail),
    summary: (app: WantedApp, observed: ObservedApp) => summaryOf(config, app, observed),
    view: (app: WantedApp, observed: ObservedApp) =>
      viewOf(config, app, observed, (hostname) => parts.certificateOf(app, hostname)),
  }
  function put(app: WantedApp, tail: readonly string[]): void {
    const known = index.get(app.id)
    if (known === undefined) index.add(new AppEntry(app, tail, { renderers, counters, onTime: change }))
    else known.renew(app, tail)
    change(app.id)
  }
  function remove(id: string): void {
    const entry = index.get(id)
    if (entry === undefined) return
    entry.invalidate()
    index.remove(entry)
    change(id)
  }

  async function tailOf(app: WantedApp): Promise<string[]> {
    const log = logOfFailure(app)
    return log === null ? [] : parts.tail(log, TAIL_LINES)
  }
  async function read(ids: readonly string[] | null): Promise<void> {
    const wasListening = isListening
    try {
      totals.reads++
      const apps = await readWantedApps(parts.db, ids)
      const tails = await Promise.all(apps.map(tailOf))
      for (const [n, app] of apps.entries()) put(app, tails[n] ?? [])
      const present = new Set(apps.map(({ id }) => id))
      for (const id of [...(ids ?? index.ids())]) if (!present.has(id)) remove(id)
      if (ids === null) isCurrent = wasListening && isListening
    } catch (error) {
      isCurrent = false
      recover(error)
      throw error
    }
  }
  const renewals = createRenewals(read)
  /** A notification is not repeated, so whatever could not be read is read with everything else. */
  function recover(error: unknown): void {
    if (isStopped) return
    parts.onError(error)
    clearTimeout(recovering)
    recovering = setTimeout(() => renewals.request(null).catch(() => undefined), RECOVER_MS).unref()
  }

  return {
    refresh: (ids) => renewals.request(ids ?? null),
    fresh: async (ids) => {
      if (!isCurrent) await renewals.request(ids ?? null)
    },
    setListening(now) {
      isListening = now
      isCurrent = false
    },
    wanted: (id) => index.get(id)?.wanted,
    observed: (id) => index.get(id)?.observed(),
    view: (id) => index.present(id)?.view(),
    summary: (id) => index.present(id)?.summary(),
    list: (teamIds, filter) => index.list(teamIds, filter),
    isListed: (id, teamIds, filter) => index.isListed(id, teamIds, filter),
    ids: () => [...index.ids()],
    touch(id) {
      if (index.get(id) !== undefined) change(id)
    },
    touchAll() {
      for (const id of index.ids()) change(id)
    },
    noteStored: (id, stored) => index.get(id)?.noteStored(stored),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onChangeOf(id, listener) {
      const ofApp = listenersOf.get(id) ?? new Set()
      listenersOf.set(id, ofApp.add(listener))
      return () => {
        ofApp.delete(listener)
        if (ofApp.size === 0 && listenersOf.get(id) === ofApp) listenersOf.delete(id)
      }
    },
    stats: () => ({ apps: index.size, listeners: listeners.size + listenersOf.size, ...totals, ...counters }),
    stop() {
      isStopped = true
      clearTimeout(recovering)
      for (const id of index.ids()) index.get(id)?.invalidate()
    },
  }
}
