import type { BuildStatus } from '@slipway/domain'
import type { WorkObserver } from '@slipway/reconcile'
import { Counter, Histogram, Registry } from 'prom-client'
import type { RouteClass } from './route-class.ts'

/**
 * What the platform counts as it happens, in the Prometheus text format. Every label has a fixed set of values; none names an app, a
 * team, a path or an address, so neither its size nor its content depends on who uses the platform.
 * Reference: https://prometheus.io/docs/practices/naming/
 */
export interface Metrics {
  registry: Registry
  /** One answered HTTP request. */
  request(route: RouteClass, status: number, tookMs: number): void
  /** A build that ended; the times are null where it never started. */
  buildEnded(build: EndedBuild): void
  /** Times of one controller's queue. */
  workOf(controller: string): WorkObserver
}

export interface EndedBuild {
  /** Null where it ended before one was chosen. */
  strategy: string | null
  outcome: BuildStatus
  /** Between the push and the start of its Job. */
  waitedMs: number | null
  ranMs: number | null
}

const REQUEST_SECONDS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60]
const QUEUE_SECONDS = [0.001, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60]
const BUILD_SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600]

const seconds = (ms: number) => ms / 1000

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Counter({
    name: 'slipway_http_requests_total',
    help: 'Answered HTTP requests, by kind of route and status.',
    labelNames: ['route', 'code'],
    registers,
  })
  const histogram = <Label extends string>(name: string, help: string, labelNames: Label[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, buckets, registers })
  const requestSeconds = histogram(
    'slipway_http_request_duration_seconds',
    'From a request’s head to the end of its answer.',
    ['route'],
    REQUEST_SECONDS,
  )
  const queueSeconds = histogram(
    'slipway_controller_queue_duration_seconds',
    'How long a key waited for a worker.',
    ['controller'],
    QUEUE_SECONDS,
  )
  const workSeconds = histogram(
    'slipway_controller_reconcile_duration_seconds',
    'How long a worker held a key.',
    ['controller'],
    QUEUE_SECONDS,
  )
  const buildSeconds = histogram(
    'slipway_build_duration_seconds',
    'From the start of a build’s Job to its end, by strategy and outcome.',
    ['strategy', 'outcome'],
    BUILD_SECONDS,
  )
  const buildWaitSeconds = histogram(
    'slipway_build_wait_duration_seconds',
    'From a push to the start of its build.',
    [],
    BUILD_SECONDS,
  )
  const builds = new Counter({
    name: 'slipway_builds_total',
    help: 'Builds that ended, by strategy and outcome.',
    labelNames: ['strategy', 'outcome'],
    registers,
  })
  return {
    registry,
    request(route, status, tookMs) {
      requests.inc({ route, code: String(status) })
      requestSeconds.observe({ route }, seconds(tookMs))
    },
    buildEnded({ strategy, outcome, waitedMs, ranMs }) {
      const labels = { strategy: strategy ?? 'none', outcome }
      builds.inc(labels)
      if (waitedMs !== null) buildWaitSeconds.observe(seconds(waitedMs))
      if (ranMs !== null) buildSeconds.observe(labels, seconds(ranMs))
    },
    workOf: (controller) => ({
      waited: (ms) => queueSeconds.observe({ controller }, seconds(ms)),
      worked: (ms) => workSeconds.observe({ controller }, seconds(ms)),
    }),
  }
}
