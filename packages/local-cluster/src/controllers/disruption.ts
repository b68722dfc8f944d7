import { PodDisruptionBudgets, Pods } from '../api/resources.ts'
import { timestamp } from '../times.ts'
import { setCondition } from './conditions.ts'
import { expectedScale } from './disruption-scale.ts'
import { type ControllerContext, keyOf, parseKey, runController } from './kind-controller.ts'
import type { Disruption, Pod } from './objects.ts'
import { isFinished, isReady, isTerminating } from './pods.ts'
import { resolveCount } from './rolling.ts'
import { same } from './same.ts'
import { SelectorIndex } from './selector-index.ts'

/** PodDisruptionBudgets: how many pods may be evicted now. Reference: k8s.io/kubernetes/pkg/controller/disruption. */
export function runDisruptionBudgets(context: ControllerContext) {
  const selectors = new SelectorIndex()
  return runController(context, {
    name: 'disruption',
    reconcile: (key) => reconcile(context, key),
    watches: [
      {
        type: PodDisruptionBudgets,
        keys: (object, deleted) => {
          selectors.set(keyOf(object), deleted ? null : (object as Disruption).spec.selector)
          return [keyOf(object)]
        },
      },
      { type: Pods, keys: (pod, _deleted, previous) => selectors.keysFor(pod, previous) },
    ],
  })
}

async function reconcile(context: ControllerContext, key: string): Promise<void> {
  const { api } = context
  const budget = await api.get<Disruption>(PodDisruptionBudgets, parseKey(key))
  if (budget === null) return
  const { selector } = budget.spec
  const { namespace } = parseKey(key)
  const pods = selector === undefined ? [] : (await api.list<Pod>(Pods, { namespace, selector })).items
  if (pods.length === 0) {
    const event = { type: 'Normal' as const, reason: 'NoPods', message: 'No matching pods found' }
    await api.recordEvent({ about: budget, ...event, component: 'controllermanager' })
  }
  await writeStatus(context, budget, pods)
}

async function writeStatus(context: ControllerContext, budget: Disruption, all: readonly Pod[]): Promise<void> {
  const { api, now } = context
  const pods = all.filter((pod) => !isFinished(pod))
  const currentHealthy = pods.filter((pod) => isReady(pod) && !isTerminating(pod)).length
  const { minAvailable, maxUnavailable } = budget.spec
  const expectedPods = typeof minAvailable === 'number' ? pods.length : await expectedScale(context, pods)
  const desiredHealthy =
    minAvailable === undefined
      ? Math.max(0, expectedPods - resolveCount(maxUnavailable, expectedPods, 'up'))
      : resolveCount(minAvailable, expectedPods, 'up')
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
    expectedPods,
    disruptionsAllowed,
    conditions: [...conditions],
  }
  if (same(status, budget.status ?? {})) return
  await api.updateStatus({ ...structuredClone(budget), status } as Disruption)
}
