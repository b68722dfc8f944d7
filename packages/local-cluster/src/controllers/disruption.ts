import { PodDisruptionBudgets, Pods } from '../api/resources.ts'
import { setCondition } from './conditions.ts'
import { type ControllerContext, keyOf, parseKey, runController } from './kind-controller.ts'
import type { Disruption, Pod } from './objects.ts'
import { isFinished, isReady, isTerminating, timestamp } from './pods.ts'
import { sorted } from './replicaset.ts'
import { resolveCount } from './rolling.ts'
import { selects } from './selectors.ts'

/** PodDisruptionBudgets: how many pods may be evicted now. Reference: k8s.io/kubernetes/pkg/controller/disruption. */
export function runDisruptionBudgets(context: ControllerContext) {
  return runController(context, {
    name: 'disruption',
    reconcile: (key) => reconcile(context, key),
    watches: [
      { type: PodDisruptionBudgets, keys: (object) => [keyOf(object)] },
      { type: Pods, keys: (object) => [`${object.metadata.namespace ?? ''}/`] },
    ],
  })
}

async function reconcile(context: ControllerContext, key: string): Promise<void> {
  const { namespace, name } = parseKey(key)
  const { items } = await context.api.list<Disruption>(PodDisruptionBudgets, { namespace })
  if (items.length === 0) return
  const pods = (await context.api.list<Pod>(Pods, { namespace })).items
  for (const budget of items) {
    if (name === '' || budget.metadata.name === name) await writeStatus(context, budget, pods)
  }
}

async function writeStatus({ api, now }: ControllerContext, budget: Disruption, all: readonly Pod[]): Promise<void> {
  const pods = all.filter((pod) => selects(budget.spec.selector, pod.metadata.labels) && !isFinished(pod))
  const currentHealthy = pods.filter((pod) => isReady(pod) && !isTerminating(pod)).length
  const { minAvailable, maxUnavailable } = budget.spec
  const desiredHealthy =
    minAvailable === undefined
      ? Math.max(0, pods.length - resolveCount(maxUnavailable, pods.length, 'up'))
      : resolveCount(minAvailable, pods.length, 'up')
  const disruptionsAllowed = Math.max(0, currentHealthy - desiredHealthy)
  const allowed = disruptionsAllowed > 0
  const conditions = setCondition(
    budget.status?.conditions ?? [],
    {
      type: 'DisruptionAllowed',
      status: allowed ? 'True' : 'False',
      reason: allowed ? 'SufficientPods' : 'InsufficientPods',
      message: '',
      observedGeneration: budget.metadata.generation ?? 0,
    },
    timestamp(now()),
  )
  const status = {
    observedGeneration: budget.metadata.generation ?? 0,
    currentHealthy,
    desiredHealthy,
    expectedPods: pods.length,
    disruptionsAllowed,
    conditions: [...conditions],
  }
  if (JSON.stringify(sorted(status)) === JSON.stringify(sorted(budget.status ?? {}))) return
  await api.updateStatus({ ...structuredClone(budget), status } as Disruption)
}
