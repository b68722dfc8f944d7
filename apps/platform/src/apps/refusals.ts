import { type Health, stateOf, type WhyView } from '@slipway/domain'
import { z } from 'zod'

/** What the API server refuses of an app's objects: a host name of its route, or, with null, an object. */
const refusalSchema = z.object({ hostname: z.string().nullable(), message: z.string() })
export type Refusal = z.infer<typeof refusalSchema>

/** As the app's row keeps them. */
export function refusalsOf(stored: unknown): Refusal[] {
  return z.array(refusalSchema).safeParse(stored).data ?? []
}

/** An app of which something is refused is not healthy, however well the rest of it runs. */
export function withRefusals<T extends { health: Health; why: WhyView | null }>(
  observed: T,
  refusals: readonly Refusal[],
): T {
  const [first] = refusals
  if (first === undefined) return observed
  const { hostname } = first
  const others =
    refusals.length === 1 ? '' : ` ${refusals.length - 1} more ${refusals.length === 2 ? 'is' : 'are'} refused as well.`
  const sentence = `Kubernetes refuses ${hostname ?? 'a part of this app'}: ${first.message.replace(/\.$/, '')}.${others}`
  const action =
    hostname === null
      ? 'Correct what it names and deploy again, or roll back.'
      : 'Remove the domain under Networking, or correct what it names. The other domains work.'
  const { status } = observed.health
  // What is worse stays: the app's own trouble is said first.
  if (status === 'Degraded' || status === 'Missing') return observed
  const cause = `Kubernetes refuses ${hostname === null ? 'a part of it' : 'a domain'}: ${first.message.replace(/\.$/, '')}.`
  return { ...observed, ...degraded('Refused', sentence, action, cause) }
}

/** A cause that no object in the cluster shows. `cause`: as it is said of every such app, where that is not the sentence. */
export function degraded(
  reason: string,
  sentence: string,
  action: string,
  cause = sentence,
): { health: Health; why: WhyView } {
  const state = stateOf({ status: 'Degraded', reason })
  return {
    health: { status: 'Degraded', state, reason, message: sentence, action },
    why: {
      ...{ sentence, cause, action, reason, detail: null, repairs: [], logTail: [] },
      ...{ instance: null, process: null, build: null },
    },
  }
}
