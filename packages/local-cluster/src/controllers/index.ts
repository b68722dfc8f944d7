import type { LocalApi } from '../api/client.ts'
import { runCronJobs } from './cronjob.ts'
import { runDaemonSets } from './daemonset.ts'
import { runDeployments } from './deployment.ts'
import { runDisruptionBudgets } from './disruption.ts'
import { runEndpoints } from './endpoints.ts'
import { runEndpointSlices } from './endpointslice.ts'
import { runGateways } from './gateway.ts'
import { runAutoscalers } from './hpa.ts'
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
    runEndpoints(context),
    runDisruptionBudgets(context),
    runGateways(context),
    runNetworkPolicies(context),
    runAutoscalers(context),
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
