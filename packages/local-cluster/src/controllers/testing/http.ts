import { readFileSync } from 'node:fs'
import { NAMESPACE, type TestCluster } from '../../node/testing/cluster.ts'
import { pick } from '../../testing/api.ts'
import type { KubernetesObject } from '../../types/objects.ts'
import type { ResourceType } from '../../types/resources.ts'

/** One request to the cluster's API over HTTP; answers the parsed body. Fails on anything but the `expected` status. */
export async function call(
  cluster: TestCluster,
  method: string,
  path: string,
  options: { body?: unknown; contentType?: string; expected?: number } = {},
): Promise<unknown> {
  const { body, contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' } = options
  const response = await fetch(cluster.server.plainUrl + path, {
    method,
    headers: { authorization: 'Bearer test', 'content-type': contentType },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer: unknown = JSON.parse(await response.text())
  const good = options.expected === undefined ? response.ok : response.status === options.expected
  if (!good) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`)
  return answer
}

/** Path of a kind's objects in the test namespace. */
export const path = (group: string, plural: string, name = '') =>
  `/${group === 'v1' ? 'api/v1' : `apis/${group}`}/namespaces/${NAMESPACE}/${plural}${name === '' ? '' : `/${name}`}`

/** Everything that happens to a kind from now on, in order. */
export function follow(cluster: TestCluster, type: ResourceType) {
  const events: { type: string; object: KubernetesObject }[] = []
  const stop = cluster.api.watch(type, { namespace: NAMESPACE, onEvent: (event) => events.push(event) })
  return { events, stop }
}

/** Consecutive different values of what is looked at, as a person reading the stream would note them. */
export function steps<T>(events: readonly { type: string; object: unknown }[], look: (object: unknown) => T): T[] {
  const out: T[] = []
  for (const { object } of events) {
    const value = look(object)
    if (JSON.stringify(value) !== JSON.stringify(out.at(-1))) out.push(value)
  }
  return out
}

interface Recording {
  watch: Record<string, { type: string; object: unknown }[]>
  final: Record<string, unknown[]>
  exchanges: { request: { method: string; path: string; contentType?: string; body?: unknown } }[]
}

/** A recording of a real cluster, from the test data. */
export function readRecording(name: string): Recording {
  return JSON.parse(readFileSync(new URL(`../../../../../test-data/recordings/${name}.json`, import.meta.url), 'utf8'))
}

/** Events about objects of a kind as `reason | message`, each name replaced by what `rename` makes of it. */
export function eventLines(events: readonly { object: unknown }[], kind: string, rename: (text: string) => string) {
  return events
    .filter(({ object }) => pick(object, 'involvedObject.kind') === kind)
    .map(({ object }) => rename(`${pick(object, 'type')} ${pick(object, 'reason')} | ${pick(object, 'message')}`))
}
