import type { WantedApp } from '@slipway/db'
import type { Health, WhyView } from '@slipway/domain'
import {
  type AppHealth,
  actionByLog,
  appHealth,
  missingVariable,
  runWaits,
  type Why,
  withVariable,
} from '@slipway/health'
import { releaseJobName } from '@slipway/manifests'
import type { ClusterCaches } from '../live/caches.ts'
import type { LogTails } from '../live/log-tails.ts'
import { SILENT_MS } from '../live/pulse.ts'
import type { ObservedApp } from './observed.ts'

/** Deadlines pass and ages in sentences grow while something is under way. */
const MOVING_LOOK_MS = 5000
/** The sentence of a silent cluster says for how long. */
const STALE_LOOK_MS = 20_000

/** Reads an app off the informer caches, without waiting; null while they have not synced. */
export function createClusterObserver(parts: {
  caches: ClusterCaches
  tails: LogTails
  now: () => Date
}): (app: WantedApp) => ObservedApp | null {
  const { caches, tails, now } = parts
  return (app) => {
    if (!caches.isSynced()) return null
    const objects = {
      ...caches.app(app.namespace, app.ref.app),
      namespacePods: () => caches.podsOf(app.namespace),
      node: caches.node,
      wanted: {
        release: app.deployed?.number ?? null,
        processes: app.deployed?.processes ?? [],
        fallback: app.fallback,
      },
      nowMs: now().getTime(),
    }
    const seen = appHealth(objects)
    const silentMs = caches.silentForMs()
    const isStale = silentMs > SILENT_MS
    return {
      health: isStale ? stale(silentMs, seen.health) : seen.health,
      why: seen.why && whyView(seen.why, seen.health, tails, app),
      servingRelease: seen.servingRelease,
      instances: seen.instances,
      processes: processesOf(seen),
      rollout: seen.rollout,
      releaseCommandWait: commandWait(caches, app),
      source: isStale ? 'stale' : 'caches',
      lookAgainInMs: isStale ? STALE_LOOK_MS : lookAgainInMs(seen, seen.rollout?.status === 'rolling_out'),
    }
  }
}

/** Why the pod of the current release's command has not started. */
function commandWait(caches: ClusterCaches, { current, ref, namespace }: WantedApp): string | null {
  if (current === null || current.command === null || current.command.endedAt !== null) return null
  const job = releaseJobName({ app: ref.app, release: current.number })
  const [pod] = caches.podsOfJob(namespace, job)
  return pod === undefined ? null : runWaits(pod)
}

function lookAgainInMs({ health, lookAgainInMs }: AppHealth, isRollingOut: boolean): number | null {
  const isMoving = isRollingOut || health.status === 'Progressing' || health.status === 'Unknown'
  return isMoving ? Math.min(lookAgainInMs ?? MOVING_LOOK_MS, MOVING_LOOK_MS) : lookAgainInMs
}

function stale(silentMs: number, last: Health): Health {
  return {
    status: 'Unknown',
    state: 'unknown',
    reason: 'ClusterSilent',
    message: `The cluster has not answered for ${Math.round(silentMs / 1000)} s. Last seen: ${last.message}`,
    action: 'Running apps keep running. Check that the cluster’s API server can be reached.',
  }
}

function processesOf({ processes }: AppHealth): ObservedApp['processes'] {
  return Object.fromEntries(
    processes.map(({ name, ready, others, health: { status, state } }) => [name, { ready, others, status, state }]),
  )
}

/** The cause with the last lines of its log, and what these add: the port that is listened on, the variable that is missing. */
function whyView(why: Why, { state }: Health, tails: LogTails, { id, namespace }: WantedApp): WhyView {
  const logTail = why.log === null ? [] : tails.get({ namespace, appId: id, ...why.log })
  return {
    sentence: why.sentence,
    cause: why.cause,
    action: actionByLog(why, logTail),
    reason: why.reason,
    detail: why.detail,
    repairs: withVariable(why.repairs, missingVariable(state, logTail)),
    process: why.process,
    instance: why.instance,
    build: null,
    logTail,
  }
}
