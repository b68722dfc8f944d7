import { HorizontalPodAutoscalers } from '../api/resources.ts'
import { noMemory, type ScalingMemory } from './hpa-behavior.ts'
import { Look } from './hpa-look.ts'
import type { HorizontalPodAutoscaler } from './hpa-objects.ts'
import { type ControllerContext, keyOf, parseKey, runController } from './kind-controller.ts'
import { same } from './same.ts'
import { SelectorIndex } from './selector-index.ts'

/** Time between two looks. Reference: --horizontal-pod-autoscaler-sync-period. */
const PERIOD_MS = 15_000

/** HorizontalPodAutoscalers: replicas by measured use. Reference: k8s.io/kubernetes/pkg/controller/podautoscaler. */
export function runAutoscalers(context: ControllerContext) {
  const memories = new Map<string, { memory: ScalingMemory; nextMs: number }>()
  const selectors = new SelectorIndex()
  const periodMs = context.autoscalerPeriodMs ?? PERIOD_MS
  return runController(context, {
    name: 'autoscaler',
    reconcile: async (key) => {
      const hpa = await context.api.get<HorizontalPodAutoscaler>(HorizontalPodAutoscalers, parseKey(key))
      if (hpa === null) {
        memories.delete(key)
        selectors.set(key, null)
        return undefined
      }
      const known = memories.get(key) ?? { memory: noMemory(), nextMs: context.now() + periodMs }
      memories.set(key, known)
      const leftMs = known.nextMs - context.now()
      if (leftMs > 0) return { requeueAfterMs: leftMs }
      known.nextMs = context.now() + periodMs
      await reconcile(context, hpa, known.memory, selectors)
      return { requeueAfterMs: periodMs }
    },
    watches: [{ type: HorizontalPodAutoscalers, keys: (object) => [keyOf(object)] }],
  })
}

async function reconcile(
  context: ControllerContext,
  stored: HorizontalPodAutoscaler,
  memory: ScalingMemory,
  selectors: SelectorIndex,
) {
  const hpa = structuredClone(stored)
  const status = { desiredReplicas: 0, ...hpa.status, currentMetrics: hpa.status?.currentMetrics ?? null }
  const look = new Look(context, { ...hpa, status }, memory, selectors)
  try {
    await look.run()
  } finally {
    if (!same(look.hpa.status, stored.status ?? {})) {
      await context.api.updateStatus<HorizontalPodAutoscaler>(look.hpa)
    }
  }
  for (const [reason, message] of look.complaints) await look.record('Warning', reason, message)
}
