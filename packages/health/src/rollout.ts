import { isRolledOut } from './deployment.ts'
import { count, worst } from './finding.ts'
import { releaseOf } from './labels.ts'
import type { AppObjects } from './objects.ts'
import { isReady } from './pod-state.ts'
import { type ObservedProcess, observe } from './process.ts'
import type { Rollout } from './result.ts'

function isDone(process: ObservedProcess, release: number): boolean {
  if (!process.deployment) return process.wanted === 0
  if (process.release !== release) return false
  const asked = process.deployment.spec?.replicas ?? 1
  return asked === process.wanted && isRolledOut(process.deployment)
}

/**
 * How far a release has come, read off the objects alone: whoever keeps the release's status decides what follows from it
 * (a release that was live once stays so when an instance crashes later). A release other than the one that the app points
 * at is superseded. `failed` may become `live` when the cause goes away by itself.
 */
export function rolloutOf(objects: AppObjects, release: number): Rollout {
  const processes = observe(objects)
  const wanted = processes.reduce((sum, process) => sum + process.wanted, 0)
  const own = processes.flatMap(({ pods }) => pods.filter((pod) => isReady(pod) && releaseOf(pod) === release))
  const ready = Math.min(own.length, wanted)
  const current = objects.wanted.release
  if (current !== release) {
    const message = current === null ? `v${release} is not deployed.` : `v${current} took the place of v${release}.`
    return { status: 'superseded', ready, wanted, message }
  }
  const found = worst(processes.filter((process) => process.wanted > 0).map(({ finding }) => finding))
  if (!found?.action && processes.every((process) => isDone(process, release))) {
    return { status: 'live', ready, wanted, message: `v${release} is live on ${count(wanted, 'instance')}.` }
  }
  const begun = processes.some((process) => process.release === release)
  if (!begun) return { status: 'pending', ready, wanted, message: `v${release} is about to be rolled out.` }
  if (found?.status === 'Degraded') return { status: 'failed', ready, wanted, message: found.message }
  const message = `Rolling out v${release}: ${ready} of ${count(wanted, 'instance')} ready.`
  return { status: 'rolling_out', ready, wanted, message: found?.action ? `${message} ${found.message}` : message }
}
