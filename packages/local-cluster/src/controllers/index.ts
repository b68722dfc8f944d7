/**
 * The controllers and the scheduler. Each turns the changes of its watches into keys, and reconciles one key at a time: reads
 * everything, converges, writes what differs; errors come back with back-off. Safety net: a start enqueues every object, so nothing
 * is lost that happened while nobody watched, and no state is kept between two reconciles but what is in the API.
 */
import type { LocalApi } from '../types/client.ts'
import { runCronJobs } from './cronjob.ts'
import { runDaemonSets } from './daemonset.ts'
import { runDeployments } from './deployment.ts'
import { runEndpointSlices } from './endpointslice.ts'
import { runGateways } from './gateway.ts'
import { runJobs } from './job.ts'
import type { ControllerContext } from './kind-controller.ts'
import { runNetworkPolicies } from './network-policy.ts'
import { runReplicaSets } from './replicaset.ts'
import { runScheduler } from './scheduler.ts'
import { runStatefulSets } from './statefulset.ts'
import { runVolumeClaims } from './volume-claims.ts'
import { runVolumes } from './volumes.ts'

/** The controller manager and scheduler of the local cluster. */
export interface RunningControllers {
  stop(): Promise<void>
  stats(): { name: string; depth: number; runs: number; errors: number }[]
}

/**
 * Starts every controller; each begins with all objects that exist.
 * @param options.onError told of errors that are retried; `now` defaults to the machine's clock.
 */
export function startControllers(
  api: LocalApi,
  options: Omit<ControllerContext, 'api' | 'now'> & { now?: () => number },
): RunningControllers {
  const context: ControllerContext = { ...options, api, now: options.now ?? Date.now }
  const running = [
    runDeployments(context),
    runReplicaSets(context),
    runStatefulSets(context),
    runDaemonSets(context),
    runJobs(context),
    runCronJobs(context),
    runEndpointSlices(context),
    runGateways(context),
    runNetworkPolicies(context),
    runScheduler(context),
    runVolumeClaims(context),
    runVolumes(context),
  ]
  return {
    async stop() {
      await Promise.all(running.map((each) => each.stop()))
    },
    stats: () =>
      running.map(({ controller }) => {
        const { name, depth, runs, errors } = controller.stats()
        return { name, depth, runs, errors }
      }),
  }
}
