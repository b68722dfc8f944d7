import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KubernetesObject } from '../api/objects.ts'
import { Events, HorizontalPodAutoscalers } from '../api/resources.ts'
import { NAMESPACE, startTestCluster, type TestCluster, until } from '../node/testing/cluster.ts'
import { pick } from '../testing/api.ts'
import { call, path } from './testing/http.ts'

/** What a real 1.36.2 cluster without metrics made of autoscalers. */
interface Scenario {
  name: string
  objects: KubernetesObject[]
  answers: Record<string, { refused: string } | { status: { conditions: { message: string }[] }; events: string[] }>
}

const file = new URL('../../../../test-data/autoscalers/without-metrics.json', import.meta.url)
const scenarios: Scenario[] = JSON.parse(readFileSync(file, 'utf8').replaceAll('as-hpa', NAMESPACE))
const plurals: Record<string, string> = {
  HorizontalPodAutoscaler: 'horizontalpodautoscalers',
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
}

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster({ simulation: { speed: 50 }, controllers: { autoscalerPeriodMs: 250 } })
})
afterAll(() => cluster?.stop({ stopPods: false }))

/** Names of the autoscalers of one target come in no order. */
const ordered = (text: string) =>
  text.replace(/HPAs: \[(.*)\]/, (_all, names: string) => `HPAs: [${names.split(' ').sort().join(' ')}]`)

/** The parts of the status that do not tell the time. */
function statusOf(hpa: KubernetesObject | null) {
  const text = JSON.stringify(pick(hpa, 'status') ?? {}, (key, value) => (/Time$/.test(key) ? undefined : value))
  return JSON.parse(text, (key, value) => (key === 'message' ? ordered(value) : value))
}

async function eventsOf(name: string): Promise<string[]> {
  const { items } = await cluster.api.list(Events, { namespace: NAMESPACE })
  const about = items.filter((event) => pick(event, 'involvedObject.name') === name)
  const own = about.filter((event) => pick(event, 'involvedObject.kind') === 'HorizontalPodAutoscaler')
  return own.map((event) => ordered(`${pick(event, 'type')} ${pick(event, 'reason')} | ${pick(event, 'message')}`))
}

test.each(scenarios)('$name', async ({ objects, answers }) => {
  for (const object of objects) {
    const at = path(object.apiVersion, plurals[object.kind] ?? '')
    const expected = answers[object.metadata.name]
    const refused = object.kind === 'HorizontalPodAutoscaler' && expected !== undefined && 'refused' in expected
    const answer = await call(cluster, 'POST', at, { body: object, expected: refused ? 422 : 201 })
    if (refused) expect(pick(answer, 'message')).toBe(expected.refused)
  }
  const alone = Object.keys(answers).length === 1
  for (const [name, answer] of Object.entries(answers)) {
    if ('refused' in answer) continue
    const wanted = statusOf({ ...objects[0], ...answer } as KubernetesObject)
    const known = answer.events.map(ordered)
    // Which of two autoscalers is looked at first, and complains of something else before, is chance.
    const told = alone ? known : known.filter((line) => line.includes('multiple HPAs'))
    let [status, events]: [unknown, string[]] = [null, []]
    await until(`${name} is as recorded`, async () => {
      status = statusOf(await cluster.api.get(HorizontalPodAutoscalers, { namespace: NAMESPACE, name }))
      events = await eventsOf(name)
      return isDeepStrictEqual(status, wanted) && told.every((line) => events.includes(line))
    }).catch(() => expect({ status, events }).toEqual({ status: wanted, events: told }))
    if (alone) expect(events.filter((line) => !known.includes(line))).toEqual([])
  }
})
