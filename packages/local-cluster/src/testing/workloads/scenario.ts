import type { Json, KubernetesObject } from '../../types/objects.ts'
import { sorted } from '../../types/sorted.ts'
import { pick } from '../api.ts'
import { type Ask, startPlayingKubelet } from './playing-kubelet.ts'

/** What is done to a namespace, and where it is looked at when it has come to rest. */
export type Step =
  | { create: KubernetesObject }
  | { patch: string; with: unknown; subresource?: string }
  | { delete: string; propagationPolicy?: string }
  /** The state here; `afterSeconds` where time is to pass first. */
  | { rest: string; afterSeconds?: number }

export interface Scenario {
  name: string
  steps: Step[]
}

const groups: Record<string, string> = {
  deployments: '/apis/apps/v1',
  replicasets: '/apis/apps/v1',
  statefulsets: '/apis/apps/v1',
  daemonsets: '/apis/apps/v1',
  controllerrevisions: '/apis/apps/v1',
  jobs: '/apis/batch/v1',
  pods: '/api/v1',
  persistentvolumeclaims: '/api/v1',
  events: '/api/v1',
}

/** Path of `plural` or `plural/name` in the namespace. */
const at = (namespace: string, what: string) => `${groups[what.split('/')[0] ?? '']}/namespaces/${namespace}/${what}`

/** Plays a scenario; `onRest` is given each rest with a way to look at the state. */
export async function play(
  ask: Ask,
  namespace: string,
  scenario: Scenario,
  onRest: (rest: Extract<Step, { rest: string }>, look: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  await ask('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  const errors: unknown[] = []
  const kubelet = startPlayingKubelet(ask, namespace, (error) => errors.push(error))
  try {
    for (const step of scenario.steps) {
      if ('create' in step) await ask('POST', at(namespace, pluralOf(step.create)), step.create)
      else if ('patch' in step) {
        const path = `${at(namespace, step.patch)}${step.subresource === undefined ? '' : `/${step.subresource}`}`
        await ask('PATCH', path, step.with, 'application/merge-patch+json')
      } else if ('delete' in step) {
        await ask('DELETE', at(namespace, step.delete), { propagationPolicy: step.propagationPolicy ?? 'Background' })
      } else await onRest(step, () => stateOf(ask, namespace))
    }
  } finally {
    await kubelet.stop()
    await ask('DELETE', `/api/v1/namespaces/${namespace}`)
  }
  if (errors.length > 0) throw new Error(`the pods could not be played: ${String(errors[0])}`)
}

const pluralOf = ({ kind }: KubernetesObject) => `${kind.toLowerCase()}s`

/** The workloads of a namespace with what is chance taken out: times, the names of pods, the hashes in names. */
async function stateOf(ask: Ask, namespace: string): Promise<unknown> {
  const list = async (what: string) => {
    const { items } = (await ask('GET', at(namespace, what))) as { items: KubernetesObject[] }
    return items
  }
  const names = new Map<string, string>()
  const state: Record<string, unknown[]> = {}
  for (const what of ['deployments', 'replicasets', 'statefulsets', 'daemonsets', 'jobs']) {
    const objects = await list(what)
    if (what === 'replicasets') for (const each of objects) names.set(each.metadata.name, replicaSetName(each))
    if (objects.length > 0) state[what] = objects.map((each) => workloadOf(what, each))
  }
  state.pods = (await list('pods')).map(podOf)
  const revisions = await list('controllerrevisions')
  for (const each of revisions)
    names.set(each.metadata.name, `${ownerOf(each)?.name} revision ${pick(each, 'revision')}`)
  if (revisions.length > 0) state.revisions = revisions.map(({ metadata }) => metadata.name)
  const claims = await list('persistentvolumeclaims')
  if (claims.length > 0) state.claims = claims.map(claimOf)
  let text = JSON.stringify(sorted(state as Json)).replaceAll(namespace, 'NAMESPACE')
  for (const [name, shown] of names) text = text.replaceAll(name, shown)
  const shown: Record<string, unknown[]> = JSON.parse(text)
  const inOrder = (each: unknown[]) => each.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  return Object.fromEntries(Object.entries(shown).map(([what, objects]) => [what, inOrder(objects)]))
}

const ownerOf = ({ metadata }: KubernetesObject) => metadata.ownerReferences?.[0]
const replicaSetName = (set: KubernetesObject) =>
  `${ownerOf(set)?.name} ${pick(set, 'spec.template.metadata.labels.version')}`

function workloadOf(what: string, object: KubernetesObject) {
  const annotations = Object.entries(object.metadata.annotations ?? {})
  const own = annotations.filter(([key]) => key.startsWith('deployment.kubernetes.io/'))
  const text = JSON.stringify(pick(object, 'status'), (key, value) =>
    /Time$/.test(key) || value === 0 ? undefined : value,
  )
  const { uncountedTerminatedPods: _uncounted, ...status } = JSON.parse(text)
  status.conditions?.sort((a: { type: string }, b: { type: string }) => (a.type < b.type ? -1 : 1))
  // How often a set was looked at while it was scaled is chance.
  if (what === 'replicasets') delete status.observedGeneration
  for (const condition of status.conditions ?? [])
    condition.message = condition.message?.replace(/(pod \S+)-[a-z0-9]{5} /, '$1-* ')
  const replicas = pick(object, 'spec.replicas')
  return {
    name: object.metadata.name,
    ...(own.length === 0 ? {} : { annotations: Object.fromEntries(own) }),
    ...(replicas === undefined ? {} : { replicas }),
    status,
  }
}

/** Owner, version, what it plays and how far it is; its name where that is no chance. */
function podOf(pod: KubernetesObject): string {
  const { metadata } = pod
  const { labels = {}, ownerReferences: [owner] = [] } = metadata
  const index = labels['batch.kubernetes.io/job-completion-index']
  const words = [
    owner?.kind === 'StatefulSet' ? metadata.name : `${owner?.kind} ${owner?.name}`,
    labels.version,
    labels.play,
    pick(pod, 'status.phase'),
    index === undefined ? undefined : `index ${index}`,
    metadata.deletionTimestamp === undefined ? undefined : 'ending',
  ]
  return words.filter((word) => word !== undefined).join(' ')
}

function claimOf({ metadata }: KubernetesObject): string {
  const owners = (metadata.ownerReferences ?? []).map(
    ({ kind, name, controller = false }) => `${kind}/${name} ${controller}`,
  )
  return [metadata.name, ...owners].join(' ')
}
