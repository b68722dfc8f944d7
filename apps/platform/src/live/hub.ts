import { AppError } from '@slipway/domain'
import type { LiveSource } from '../api/index.ts'
import type { AppDirectory } from './app-directory.ts'
import type { BuildLogs } from './build-logs.ts'
import type { CertificateReader } from './certificates.ts'
import { type FollowParts, followLogs } from './log-follow.ts'

/** Log streams of one process at once: each holds a connection to the API server for every instance. */
const MAX_LOG_STREAMS = 500

/** Tells subscriptions of changes, from the cluster (informers) and from the database (NOTIFY), under one name: the app's id. */
export interface LiveHub extends LiveSource {
  /** The database's side says that an app's rows changed. */
  appRowChanged(appId: string): void
  stats(): { listeners: number; logStreams: number }
  stop(): void
}

export interface HubParts extends FollowParts {
  directory: AppDirectory
  buildLogs: BuildLogs
  certificates: Pick<CertificateReader, 'onChange'> | null
  /** Tells of log tails that were read in the background. */
  onTailRead(listener: (key: string) => void): void
}

export function createLiveHub(parts: HubParts): LiveHub {
  const listeners = new Set<(appId: string) => void>()
  let logStreams = 0
  const emit = (appId: string) => {
    for (const listener of listeners) listener(appId)
  }
  const onKey = (key: string) => {
    const id = parts.directory.idOf(key)
    if (id !== undefined) emit(id)
  }
  const stops = [
    parts.caches.onAppChange(onKey),
    ...(parts.certificates === null ? [] : [parts.certificates.onChange(onKey)]),
    // Every page says that the cluster is silent, and takes it back.
    parts.caches.onSilence(() => parts.directory.ids().forEach(emit)),
  ]
  parts.onTailRead(onKey)
  return {
    appRowChanged: emit,
    onAppChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async *followLogs(target, query, sink, signal) {
      if (logStreams >= MAX_LOG_STREAMS) {
        throw new AppError('unavailable', `${MAX_LOG_STREAMS} log streams are open already. Close some and try again.`)
      }
      logStreams++
      try {
        yield* followLogs(parts, target, query, sink, signal)
      } finally {
        logStreams--
      }
    },
    async *followBuildLog(buildId, options) {
      for await (const { entries, offset } of parts.buildLogs.follow(buildId, options)) {
        yield { offset, lines: entries.map(({ text }) => text) }
      }
    },
    stats: () => ({ listeners: listeners.size, logStreams }),
    stop: () => stops.forEach((stop) => void stop()),
  }
}
