import { readdirSync, readFileSync } from 'node:fs'
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Event, Pod } from 'kubernetes-types/core/v1.d.ts'

/** What a real cluster answered, as test-data/recordings/README.md of the repository describes it. */
const directory = new URL('../../../test-data/recordings/', import.meta.url)

type Watched = { atMs: number; type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: Item }
type Item = {
  metadata: {
    name: string
    uid: string
    creationTimestamp: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
}
type Recording = { watch?: Record<string, Watched[]>; final?: Record<string, Item[]> }

/** The objects of a scenario at one moment. */
export interface Step {
  atMs: number
  nowMs: number
  deployments: Deployment[]
  replicaSets: ReplicaSet[]
  pods: Pod[]
  jobs: Job[]
  events: Event[]
}

export const scenarios = readdirSync(directory)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''))

function read(scenario: string): Recording {
  return JSON.parse(readFileSync(new URL(`${scenario}.json`, directory), 'utf8'))
}

const RESOURCES = ['deployments', 'replicasets', 'pods', 'jobs', 'events'] as const

/**
 * The recordings' objects carry a plain `app` label; Slipway's own say process and release. Gives every object of a
 * Deployment those labels: the process is the Deployment's name, the release its revision.
 */
function label<T extends Item>(object: T, process: string, release: string | undefined): T {
  if (!release) return object
  const labels = { ...object.metadata.labels, 'slipway.dev/process': process, 'slipway.dev/release': release }
  return { ...object, metadata: { ...object.metadata, labels } }
}

const REVISION = 'deployment.kubernetes.io/revision'

/** A revision may be raised when a ReplicaSet is used again; what counts for its pods is the newest one seen so far. */
function adapt(items: Record<(typeof RESOURCES)[number], Item[]>, atMs: number, beganMs: number): Step {
  const revisions = new Map<string, string>()
  for (const { metadata } of items.replicasets) {
    const hash = metadata.labels?.['pod-template-hash']
    const revision = metadata.annotations?.[REVISION]
    if (hash && revision) revisions.set(hash, revision)
  }
  const process = (object: Item) => object.metadata.name.split('-')[0] ?? ''
  const ofHash = (object: Item) => revisions.get(object.metadata.labels?.['pod-template-hash'] ?? '')
  const view = {
    deployments: items.deployments.map((each) =>
      label(each, each.metadata.name, each.metadata.annotations?.[REVISION] ?? '1'),
    ),
    replicaSets: items.replicasets.map((each) => label(each, process(each), ofHash(each))),
    pods: items.pods.map((each) => label(each, process(each), ofHash(each))),
    jobs: items.jobs,
    events: items.events,
  }
  return { atMs, nowMs: beganMs + atMs, ...(view as unknown as Omit<Step, 'atMs' | 'nowMs'>) }
}

/** Every state that the scenario went through, one for each watch event, and its end as it was listed. */
export function play(scenario: string): Step[] {
  const { watch = {}, final } = read(scenario)
  const all = RESOURCES.flatMap((resource) => (watch[resource] ?? []).map((event) => ({ resource, ...event })))
  all.sort((a, b) => a.atMs - b.atMs)
  const first = all[0]
  if (!first) return []
  const beganMs = Date.parse(first.object.metadata.creationTimestamp) - first.atMs
  const present = new Map(RESOURCES.map((resource) => [resource, new Map<string, Item>()]))
  const snapshot = (atMs: number) => {
    const of = (resource: (typeof RESOURCES)[number]) => [...(present.get(resource)?.values() ?? [])]
    return adapt(
      {
        deployments: of('deployments'),
        replicasets: of('replicasets'),
        pods: of('pods'),
        jobs: of('jobs'),
        events: of('events'),
      },
      atMs,
      beganMs,
    )
  }
  const steps = all.map(({ resource, type, object, atMs }) => {
    if (type === 'DELETED') present.get(resource)?.delete(object.metadata.uid)
    else present.get(resource)?.set(object.metadata.uid, object)
    return snapshot(atMs)
  })
  if (!final) return steps
  for (const resource of RESOURCES) {
    present.set(resource, new Map((final[resource] ?? []).map((object) => [object.metadata.uid, object])))
  }
  return [...steps, snapshot((all.at(-1)?.atMs ?? 0) + 1)]
}
