import type { LabelSelector } from '../types/client.ts'
import { isAlreadyExists } from '../types/errors.ts'
import type { KubernetesObject, KubernetesObjectInput } from '../types/objects.ts'
import type { PodTemplate } from '../types/pod.ts'
import { ControllerRevisions } from '../types/resources.ts'
import { controllerRef } from '../types/selectors.ts'
import { sorted } from '../types/sorted.ts'
import { claim } from './claim.ts'
import type { ControllerContext } from './kind-controller.ts'
import { shortHash } from './template-hash.ts'
import type { ControllerRevision } from './workload-objects.ts'

/** An owner of ControllerRevisions: a StatefulSet or a DaemonSet. */
interface RevisionOwner extends KubernetesObject {
  spec: { selector: LabelSelector; template: PodTemplate; revisionHistoryLimit?: number }
  status?: { collisionCount?: number }
}

interface History {
  /** Oldest first; the newest is the template that is wanted now. */
  all: ControllerRevision[]
  newest: ControllerRevision
  collisionCount: number
}

/** What a revision remembers: a strategic merge patch that puts the template back. */
const dataOf = (template: PodTemplate): ControllerRevision['data'] => ({
  spec: { template: { ...structuredClone(template), $patch: 'replace' } },
})

const textOf = (data: ControllerRevision['data']) => JSON.stringify(sorted(data))

/**
 * The revisions of an owner. Its template gets one where it has none, and the highest number where it had been left behind.
 * Reference: pkg/controller/history and getStatefulSetRevisions.
 * @param hashLabel the label that carries the revision's hash.
 */
export async function syncHistory(
  context: ControllerContext,
  owner: RevisionOwner,
  hashLabel: string,
): Promise<History> {
  const all = await claim<ControllerRevision>(context, ControllerRevisions, owner, owner.spec.selector)
  all.sort(byRevision)
  const data = dataOf(owner.spec.template)
  const known = all.findLast((revision) => textOf(revision.data) === textOf(data))
  const number = (all.at(-1)?.revision ?? 0) + 1
  const collisionCount = owner.status?.collisionCount ?? 0
  if (known === undefined) {
    const made = await create(context, owner, { data, number, hashLabel, collisionCount })
    return { all: [...all, made.revision], newest: made.revision, collisionCount: made.collisionCount }
  }
  if (known === all.at(-1)) return { all, newest: known, collisionCount }
  const raised = await context.api.update<ControllerRevision>({
    ...structuredClone(known),
    revision: number,
  } as object as KubernetesObjectInput)
  return { all: [...all.filter((each) => each !== known), raised], newest: raised, collisionCount }
}

function byRevision(a: ControllerRevision, b: ControllerRevision): number {
  return (
    a.revision - b.revision ||
    (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '') ||
    a.metadata.name.localeCompare(b.metadata.name)
  )
}

async function create(
  { api }: ControllerContext,
  owner: RevisionOwner,
  wanted: { data: ControllerRevision['data']; number: number; hashLabel: string; collisionCount: number },
): Promise<{ revision: ControllerRevision; collisionCount: number }> {
  const { data, number, hashLabel } = wanted
  for (let collisionCount = wanted.collisionCount; ; collisionCount += 1) {
    const hash = shortHash(textOf(data), collisionCount)
    const object = {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: `${owner.metadata.name}-${hash}`,
        namespace: owner.metadata.namespace ?? '',
        labels: { ...owner.spec.template.metadata?.labels, [hashLabel]: hash },
        annotations: { ...owner.metadata.annotations },
        ownerReferences: [controllerRef(owner)],
      },
      data,
      revision: number,
    }
    try {
      return { revision: await api.create<ControllerRevision>(object), collisionCount }
    } catch (error) {
      // Somebody else's revision has the name: another hash.
      if (!isAlreadyExists(error) || collisionCount > wanted.collisionCount + 10) throw error
    }
  }
}

/** Deletes the oldest revisions that nothing runs any more, beyond the history that is kept. */
export async function trimHistory(
  { api }: ControllerContext,
  owner: RevisionOwner,
  all: readonly ControllerRevision[],
  inUse: (revision: ControllerRevision) => boolean,
): Promise<void> {
  const idle = all.filter((revision) => !inUse(revision))
  const excess = Math.max(0, idle.length - (owner.spec.revisionHistoryLimit ?? 10))
  for (const { metadata } of idle.slice(0, excess)) {
    await api.delete(ControllerRevisions, { namespace: metadata.namespace ?? '', name: metadata.name })
  }
}

/** The owner with the template of a revision. */
export function atRevision<T extends RevisionOwner>(owner: T, revision: ControllerRevision): T {
  const { $patch: _patch, ...template } = revision.data.spec.template
  return { ...owner, spec: { ...owner.spec, template } }
}
