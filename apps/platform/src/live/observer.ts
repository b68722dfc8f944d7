import { addResources, type Health, NO_RESOURCES, type Resources, type WhyView } from '@slipway/domain'
import { type AppObjects, actionByLog, appHealth, type Why } from '@slipway/health'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { ClusterObserver, ObservedApp, ObservedTarget } from '../api/index.ts'
import type { ClusterCaches } from './caches.ts'
import type { CertificateReader } from './certificates.ts'
import type { LogTails } from './log-tails.ts'
import { SILENT_MS } from './pulse.ts'
import { cpuMillisOf, memoryMiBOf } from './quantity.ts'

/** What is wanted of a target beside what the caches hold of it: the input of packages/health. */
export function objectsOf(caches: ClusterCaches, target: ObservedTarget, nowMs: number): AppObjects {
  return {
    ...caches.app(target.namespace, target.ref.app),
    namespacePods: () => caches.podsOf(target.namespace),
    node: caches.node,
    wanted: {
      release: target.currentRelease,
      processes: target.processes.map(({ name, kind, instances }) => ({ name, kind, instances })),
    },
    nowMs,
  }
}

/** Answers from the informer caches alone. */
export function createObserver(parts: {
  caches: ClusterCaches
  tails: LogTails
  certificates: Pick<CertificateReader, 'of'> | null
  now: () => Date
}): ClusterObserver {
  const { caches, tails, certificates, now } = parts
  return {
    observeApp(target) {
      if (!caches.isSynced()) return null
      const seen = appHealth(objectsOf(caches, target, now().getTime()))
      const silentMs = caches.silentForMs()
      const observed: ObservedApp = {
        health: silentMs > SILENT_MS ? stale(silentMs, seen.health) : seen.health,
        why: seen.why && whyView(seen.why, tails, target),
        servingRelease: seen.servingRelease,
        instances: seen.instances,
        ready: Object.fromEntries(seen.processes.map(({ name, ready }) => [name, ready])),
      }
      return observed
    },
    certificateOf: ({ namespace, ref }, hostname) => certificates?.of(namespace, ref.app, hostname) ?? null,
    usedBy: (namespace) =>
      caches.podsOf(namespace).reduce<Resources>((sum, pod) => addResources(sum, requestsOf(pod)), NO_RESOURCES),
  }
}

function stale(silentMs: number, last: Health): Health {
  return {
    status: 'Unknown',
    reason: 'ClusterSilent',
    message: `The cluster has not answered for ${Math.round(silentMs / 1000)} s. Last seen: ${last.message}`,
    action: 'What runs goes on running. Check that the cluster’s API server can be reached.',
  }
}

function whyView(why: Why, tails: LogTails, target: ObservedTarget): WhyView {
  const logTail = why.log === null ? [] : tails.get({ namespace: target.namespace, app: target.ref.app, ...why.log })
  return {
    sentence: why.sentence,
    action: actionByLog(why, logTail),
    process: why.process,
    instance: why.instance,
    build: null,
    logTail,
  }
}

/** What a pod asks for, as a ResourceQuota counts it; pods that are over count no more. */
function requestsOf(pod: Pod): Resources {
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return NO_RESOURCES
  let sum: Resources = { cpuMillis: 0, memoryMiB: 0, instances: 1 }
  for (const container of pod.spec?.containers ?? []) {
    const requests = container.resources?.requests
    sum = addResources(sum, {
      cpuMillis: cpuMillisOf(requests?.cpu),
      memoryMiB: memoryMiBOf(requests?.memory),
      instances: 0,
    })
  }
  return sum
}
