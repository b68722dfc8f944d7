import type { KubernetesObject } from '../../types/objects.ts'
import { brief } from './compare.ts'
import type { Names } from './names.ts'

interface Told {
  type: string
  object: KubernetesObject
}

interface Condition {
  type: string
  status: string
  reason?: string
}

interface Status {
  phase?: string
  conditions?: Condition[]
  containerStatuses?: ContainerStatus[]
  initContainerStatuses?: ContainerStatus[]
  [key: string]: unknown
}

interface ContainerStatus {
  name: string
  state?: Record<string, { reason?: string }>
  restartCount?: number
}

function statusOf(object: KubernetesObject): Status {
  return Reflect.get(object, 'status') ?? {}
}

/** Type, phase and conditions: what the order of a story is about. Conditions stand in the order of their names. */
function step({ type, object }: Told): string {
  const { phase, conditions = [] } = statusOf(object)
  const about = conditions
    .map((condition) => `${condition.type}=${condition.status}${condition.reason ? `(${condition.reason})` : ''}`)
    .sort()
  const deleting = object.metadata.deletionTimestamp === undefined ? [] : ['being deleted']
  return [type, ...(phase === undefined ? [] : [phase]), ...about, ...deleting].join(' ')
}

/** Each object's story, by resource and plain name; steps that do not differ from the one before are left out. */
export function storiesOf(events: Iterable<Told>, names: Names): Map<string, string[][]> {
  const byObject = new Map<string, { group: string; steps: string[] }>()
  for (const event of events) {
    const { uid, name, namespace = '' } = event.object.metadata
    const key = uid ?? name
    const told = byObject.get(key) ?? {
      group: `${event.object.kind} ${names.plain(name.replace(namespace, ''))}`,
      steps: [],
    }
    byObject.set(key, told)
    const line = step(event)
    if (told.steps.at(-1) !== line) told.steps.push(line)
  }
  const stories = new Map<string, string[][]>()
  for (const { group, steps } of byObject.values()) {
    stories.set(group, [...(stories.get(group) ?? []), steps])
  }
  return stories
}

/** Where the stories of two sides part, one line for each object. */
export function storyDifferences(wanted: Map<string, string[][]>, got: Map<string, string[][]>): string[] {
  const out: string[] = []
  for (const [group, stories] of wanted) {
    const left = [...(got.get(group) ?? [])]
    const unmatched = stories.filter((story) => {
      const at = left.findIndex((other) => isSame(story, other))
      if (at >= 0) left.splice(at, 1)
      return at < 0
    })
    for (const story of unmatched) {
      const other = left.shift()
      out.push(other === undefined ? `story of ${group} is missing: ${brief(story)}` : parting(group, story, other))
    }
    out.push(...left.map((story) => `story of ${group} is unexpected: ${brief(story)}`))
  }
  for (const [group, stories] of got) {
    if (!wanted.has(group)) out.push(...stories.map((story) => `story of ${group} is unexpected: ${brief(story)}`))
  }
  return out
}

/** The sandbox of a pod is made within milliseconds of the kubelet's first word. */
const soonMade = /(PodReadyToStartContainers=)False/

/** Two updates that follow each other at once are one where the first had not been sent when the second came. */
function isSame(wanted: string[], got: string[]): boolean {
  const merged = (story: string[]) =>
    story.filter((line, at) => line.replace(soonMade, '$1True') !== story[at + 1]).join('\n')
  return wanted.join('\n') === got.join('\n') || merged(wanted) === merged(got)
}

function parting(group: string, wanted: string[], got: string[]): string {
  const at = wanted.findIndex((line, index) => got[index] !== line)
  const from = at < 0 ? wanted.length : at
  const show = (steps: string[]) => brief(steps.slice(from, from + 3))
  return `story of ${group} parts at step ${from + 1}: wanted ${show(wanted)}, got ${show(got)}`
}

/** A number that a play does not wait for: how long old pods take to end is theirs. */
const passing = 'terminatingReplicas'

/** How far an object has come, with its numbers: what a play waits for before it goes on. */
export function standing(object: KubernetesObject, names: Names): string {
  const { metadata } = object
  const status = statusOf(object)
  const numbers = Object.entries(status)
    .filter(([key, value]) => typeof value === 'number' && key !== passing)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].map((container) => {
    const [state] = Object.entries(container.state ?? {}).map(([name, about]) => `${name}:${about.reason ?? ''}`)
    return `${container.name}:${state ?? ''}:${container.restartCount ?? 0}`
  })
  return [names.plain(metadata.name), step({ type: object.kind, object }), ...numbers, ...containers].join(' ')
}
