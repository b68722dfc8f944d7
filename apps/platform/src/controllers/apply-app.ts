import { KubeApiError, type KubeObject, kindOf } from '@slipway/kube'
import { hostsOfRoute, withHosts } from '@slipway/manifests'
import type { Refusal } from '../apps/refusals.ts'
import { type Applier, isRefusal } from './apply.ts'

/** What became of an app's objects. */
export interface Applied {
  /** The first refusal of something that a release cannot do without; null: all of that was taken. */
  fatal: KubeApiError | null
  refusals: Refusal[]
}

/**
 * Applies each object by itself: one that the API server refuses does not keep the others back, nor one host name of a route the
 * other names. What runs pods waits for their Secret.
 * @throws KubeApiError of what may be taken later: no answer, a conflict, a namespace that is missing or ending
 */
export async function applyApp(applier: Applier, objects: readonly KubeObject[]): Promise<Applied> {
  const applied: Applied = { fatal: null, refusals: [] }
  const refused = new Set<string>()
  for (const object of objects) {
    const { runsPods, vital } = kindOf(object)
    if (runsPods && refused.has('Secret')) continue
    const refusal = await tryApply(applier, object)
    if (refusal === null) continue
    refused.add(object.kind)
    const hosts = hostsOfRoute(object)
    if (hosts !== null) applied.refusals.push(...(await applyAcceptedHosts(applier, object, hosts, refusal)))
    else applied.refusals.push({ hostname: null, message: refusal.message })
    if (vital) applied.fatal ??= refusal
  }
  return applied
}

/** Finds the hosts that are refused by asking for each alone, and applies the route with the others. */
async function applyAcceptedHosts(
  applier: Applier,
  route: KubeObject,
  hosts: readonly string[],
  whole: KubeApiError,
): Promise<Refusal[]> {
  if (hosts.length < 2) return [{ hostname: hosts[0] ?? null, message: whole.message }]
  const refusals: Refusal[] = []
  for (const hostname of hosts) {
    const refusal = await applier.check(withHosts(route, [hostname]))
    if (refusal !== null) refusals.push({ hostname, message: refusal.message })
  }
  const accepted = hosts.filter((host) => !refusals.some(({ hostname }) => hostname === host))
  const rest = accepted.length === 0 || refusals.length === 0 ? null : withHosts(route, accepted)
  const second = rest === null ? whole : await tryApply(applier, rest)
  if (second !== null && refusals.length < hosts.length) refusals.push({ hostname: null, message: second.message })
  return refusals
}

/** The refusal for good, in the API server's words; null when the object was taken. */
async function tryApply(applier: Applier, object: KubeObject): Promise<KubeApiError | null> {
  try {
    await applier.apply([object])
    return null
  } catch (error) {
    if (error instanceof KubeApiError && isRefusal(error)) return error
    throw error
  }
}
