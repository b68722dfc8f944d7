import type { ParentRef } from '../ingress/objects.ts'
import type { Condition } from '../types/condition.ts'
import type { KubernetesObject } from '../types/objects.ts'
import { same } from '../types/same.ts'
import { timestamp } from '../types/times.ts'
import { setCondition } from './conditions.ts'
import type { ControllerContext } from './kind-controller.ts'

/** Gateways of classes with this controller are the local cluster's ingress. */
export const GATEWAY_CONTROLLER = 'slipway.dev/ingress'

export interface GatewayClass extends KubernetesObject {
  spec: { controllerName: string }
}

interface Status {
  conditions?: Condition[]
  listeners?: { name: string; attachedRoutes?: number; conditions: Condition[] }[]
  parents?: { parentRef: ParentRef; controllerName: string; conditions: Condition[] }[]
}

export const statusOf = (object: KubernetesObject) => ('status' in object ? (object.status as Status) : {})

/** What is said of an object: the type of a condition, and where it is not good the reason and the message. */
export type Saying = [type: string, reason?: string, message?: string]

/** The conditions with these set, each for the object as it is now. A good one has its type as its reason. */
export function say(
  { now }: ControllerContext,
  object: KubernetesObject,
  present: readonly Condition[],
  sayings: readonly Saying[],
): Condition[] {
  const observedGeneration = object.metadata.generation ?? 0
  return sayings
    .reduce<readonly Condition[]>((conditions, [type, reason = type, message = '']) => {
      const status = reason === type ? 'True' : 'False'
      return setCondition(conditions, { type, status, reason, message }, timestamp(now()))
    }, present)
    .map((condition) => ({ ...condition, observedGeneration }))
}

/** Writes the status where it differs. */
export async function writeStatus({ api }: ControllerContext, object: KubernetesObject, status: object): Promise<void> {
  if (same(status, statusOf(object))) return
  await api.updateStatus({ ...structuredClone(object), ...{ status } })
}
