import type { InformerStats } from '@slipway/kube'
import type { ControllerStats } from '@slipway/reconcile'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { AppStateStats } from '../apps/app-state.ts'

/** Counters that the parts keep themselves; read when somebody scrapes. */
export interface MetricSources {
  leading(): boolean
  controllers(): Record<string, ControllerStats>
  informers(): Record<string, InformerStats>
  /** Connections of the database pool. */
  pool: { totalCount: number; idleCount: number; waitingCount: number; options: { max: number } }
  sockets(): number
  apps(): Pick<AppStateStats, 'listeners'>
  hub(): { logStreams: number }
  buildLogs(): { followers: number; droppedLines: number }
  pushes(): number
}

type Rows = readonly (readonly [labels: Record<string, string>, value: number])[]

/** Adds everything that has a value at any moment; `sources` is asked once a metric and scrape. */
export function addGauges(registry: Registry, sources: MetricSources): void {
  const registers = [registry]
  const gauge = (name: string, help: string, labelNames: string[], rows: () => Rows) =>
    new Gauge({
      ...{ name: `slipway_${name}`, help, labelNames, registers },
      collect() {
        this.reset()
        for (const [labels, value] of rows()) this.set(labels, value)
      },
    })
  /** Counters start again with a new leader, as those of a restarted process do. */
  const counter = (name: string, help: string, labelNames: string[], rows: () => Rows) =>
    new Counter({
      ...{ name: `slipway_${name}_total`, help, labelNames, registers },
      collect() {
        this.reset()
        for (const [labels, value] of rows()) this.inc(labels, value)
      },
    })
  const one = (name: string, help: string, value: () => number) => gauge(name, help, [], () => [[{}, value()]])

  addControllers({ gauge, counter }, sources)
  addInformers({ gauge, counter }, sources)
  one('leader', '1 in the process that reconciles.', () => (sources.leading() ? 1 : 0))
  one('websockets', 'Open WebSockets: browser tabs and following CLIs.', sources.sockets)
  one('pushes', 'Pushes under way in this process.', sources.pushes)
  gauge('subscriptions', 'Open streams of app changes, of logs of apps and of logs of builds.', ['stream'], () => [
    [{ stream: 'changes' }, sources.apps().listeners],
    [{ stream: 'app_logs' }, sources.hub().logStreams],
    [{ stream: 'build_logs' }, sources.buildLogs().followers],
  ])
  counter('build_log_lines_dropped', 'Lines of builds that went past the limit of their log.', [], () => [
    [{}, sources.buildLogs().droppedLines],
  ])
  const { pool } = sources
  gauge('database_connections', 'Connections of the pool, at most slipway_database_connections_max.', ['state'], () => [
    [{ state: 'used' }, pool.totalCount - pool.idleCount],
    [{ state: 'idle' }, pool.idleCount],
  ])
  one('database_connections_max', 'Most connections of the pool.', () => pool.options.max)
  one('database_waiting', 'Queries that wait for a connection.', () => pool.waitingCount)
}

interface Kinds {
  gauge(name: string, help: string, labelNames: string[], rows: () => Rows): unknown
  counter(name: string, help: string, labelNames: string[], rows: () => Rows): unknown
}

function addControllers({ gauge, counter }: Kinds, { controllers }: MetricSources): void {
  const each = (rows: (stats: ControllerStats) => Rows) => (): Rows =>
    Object.entries(controllers()).flatMap(([controller, stats]) =>
      rows(stats).map(([labels, value]) => [{ controller, ...labels }, value] as const),
    )
  gauge(
    'controller_keys',
    'Keys that wait for a worker, that a worker holds, and that wait for their time.',
    ['controller', 'state'],
    each(({ depth, processing, delayed }) => [
      [{ state: 'waiting' }, depth],
      [{ state: 'processing' }, processing],
      [{ state: 'delayed' }, delayed],
    ]),
  )
  counter(
    'controller_reconciles',
    'Reconciles, by result. Errors are retried, terminal ones are not.',
    ['controller', 'result'],
    each(({ runs, errors, terminalErrors }) => [
      [{ result: 'success' }, Math.max(0, runs - errors - terminalErrors)],
      [{ result: 'error' }, errors],
      [{ result: 'terminal_error' }, terminalErrors],
    ]),
  )
  counter(
    'controller_retries',
    'Reconciles that were put off by a back-off.',
    ['controller'],
    each(({ retries }) => [[{}, retries]]),
  )
}

function addInformers({ gauge, counter }: Kinds, { informers }: MetricSources): void {
  const each = (value: (stats: InformerStats) => number) => (): Rows =>
    Object.entries(informers()).map(([informer, stats]) => [{ informer }, value(stats)] as const)
  const label = ['informer']
  gauge(
    'informer_objects',
    'Objects in the cache.',
    label,
    each(({ objects }) => objects),
  )
  gauge(
    'informer_connected',
    '1 while the watch is open.',
    label,
    each(({ connected }) => (connected ? 1 : 0)),
  )
  counter(
    'informer_lists',
    'Full lists: the first, resyncs, and after an expired watch.',
    label,
    each(({ lists }) => lists),
  )
  counter(
    'informer_watches',
    'Watches opened; every one after the first is a restart.',
    label,
    each(({ watches }) => watches),
  )
  counter(
    'informer_failures',
    'Watches that ended with an error, a cut or silence.',
    label,
    each(({ failures }) => failures),
  )
  counter(
    'informer_events',
    'Changes that watches delivered.',
    label,
    each(({ events }) => events),
  )
  counter(
    'informer_missed',
    'Objects that a resync found other than the watch had said; 0 where all is well.',
    label,
    each(({ missedByWatch }) => missedByWatch),
  )
}
