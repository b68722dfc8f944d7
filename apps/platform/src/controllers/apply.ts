import { createHash } from 'node:crypto'
import { type Cluster, KubeApiError, type KubeObject, kindOf, type ObjectRef } from '@slipway/kube'
import { withInstallation } from '@slipway/manifests'
import { LRUCache } from 'lru-cache'
import type { ClusterCaches } from '../live/caches.ts'
import { assertOwn, type Owner } from './ownership.ts'

/**
 * Server-side apply of what differs. An object is sent when what is wanted changed since it was sent last, when it is not
 * there, or when somebody else changed it since; otherwise the API server is left alone. What was sent is known to this
 * process only: after a restart everything is applied once, which changes nothing where nothing differs.
 */
export interface AppliedObject extends ObjectRef {
  /** Of what is wanted. */
  hash: string
}

export interface Applier {
  /**
   * Applies in order, with this installation's label. Answers how many objects were sent.
   * @throws KubeApiError of the first that was refused
   * @throws AppError of a namespace that is another Slipway's, or nobody's
   */
  apply(objects: readonly KubeObject[]): Promise<number>
  /** Names objects, with the hash of what is wanted of each. */
  describe(objects: readonly KubeObject[]): AppliedObject[]
  /** Whether the same was sent and nobody changed or deleted it since. */
  isCurrent(object: AppliedObject): boolean
  /** Whether the API server would refuse an object for good, without making it. @throws KubeApiError of anything else */
  check(object: KubeObject): Promise<KubeApiError | null>
  /** uid of the namespace that was applied; undefined when none was. */
  namespaceUid(name: string): string | undefined
  stats(): { known: number; applied: number; skipped: number }
}

interface Sent {
  hash: string
  /** Names of the labels that are wanted. */
  wantedLabels: readonly string[]
  /** Of the object as the API server answered it. */
  version: string | null
}

/** Beyond this the entries that were not used for longest are forgotten, and applied once more when they are seen again. */
const MAX_KNOWN = 100_000

export function createApplier(
  cluster: Pick<Cluster, 'apply' | 'get'>,
  caches: Pick<ClusterCaches, 'find'>,
  owner: Owner,
): Applier {
  const known = new LRUCache<string, Sent>({ max: MAX_KNOWN })
  /** uid of each namespace that was applied. */
  const uids = new Map<string, string>()
  const counters = { applied: 0, skipped: 0 }
  const describe = (objects: readonly KubeObject[]) =>
    withInstallation(objects, owner.id).map((object) => ({
      ...refOf(object),
      object,
      hash: createHash('sha256').update(JSON.stringify(object)).digest('base64'),
    }))
  const isCurrent = (wanted: AppliedObject) => isUnchanged(known.get(keyOf(wanted)), wanted, caches)
  return {
    describe: (objects) => describe(objects).map(({ object: _, ...described }) => described),
    isCurrent,
    async apply(objects) {
      let sent = 0
      for (const { object, ...described } of describe(objects)) {
        const { kind, metadata } = object
        if (isCurrent(described)) {
          counters.skipped++
          continue
        }
        if (kind === 'Namespace') await assertOwn(cluster, metadata.name, owner)
        const answer = await cluster.apply(object)
        counters.applied++
        sent++
        if (kind === 'Namespace') forgetOtherLife(known, uids, metadata.name, answer.metadata.uid)
        const wantedLabels = Object.keys(metadata.labels ?? {})
        known.set(keyOf(described), { hash: described.hash, wantedLabels, version: versionOf(answer, wantedLabels) })
      }
      return sent
    },
    async check(object) {
      try {
        for (const each of withInstallation([object], owner.id)) await cluster.apply(each, { dryRun: true })
        return null
      } catch (error) {
        if (error instanceof KubeApiError && isRefusal(error)) return error
        throw error
      }
    },
    namespaceUid: (name) => uids.get(name),
    stats: () => ({ known: known.size, ...counters }),
  }
}

/** Whether the same will be refused again: what it says is wrong, not when it came. */
export function isRefusal(error: KubeApiError): boolean {
  if (error.status === 403) return !isEnding(error)
  return error.status === 400 || error.status === 422
}

/** The namespace is on its way out, with everything in it. */
export const isEnding = (error: KubeApiError) => error.status === 403 && /being terminated/.test(error.message)

/** A namespace that was deleted and made again is empty: what was sent to the old one is not there. */
function forgetOtherLife(
  known: LRUCache<string, Sent>,
  uids: Map<string, string>,
  namespace: string,
  uid: string | undefined,
): void {
  const before = uids.get(namespace)
  if (uid !== undefined) uids.set(namespace, uid)
  if (before === undefined || before === uid) return
  for (const key of [...known.keys()]) if (key.split('/')[1] === namespace) known.delete(key)
}

const refOf = ({ apiVersion, kind, metadata: { namespace, name } }: KubeObject): ObjectRef => ({
  ...{ apiVersion, kind, name },
  ...(namespace === undefined ? {} : { namespace }),
})

const keyOf = ({ kind, namespace = '', name }: ObjectRef) => `${kind}/${namespace}/${name}`

function isUnchanged(sent: Sent | undefined, wanted: AppliedObject, caches: Pick<ClusterCaches, 'find'>): boolean {
  if (sent === undefined || sent.hash !== wanted.hash) return false
  // Of what no informer watches only a change of what is wanted is known.
  if (kindOf(wanted).watched === undefined) return true
  const live = caches.find(wanted)
  if (live === undefined || live.metadata.deletionTimestamp !== undefined) return false
  return sent.version === null || sent.version === versionOf(live, sent.wantedLabels)
}

/** What changes when somebody changes the wanted part of an object, as the table of kinds says; null where nothing does. */
function versionOf(object: KubeObject, wantedLabels: readonly string[]): string | null {
  const { generation, labels = {}, resourceVersion } = object.metadata
  switch (kindOf(object).changesWith) {
    case 'spec':
      return JSON.stringify(Reflect.get(object, 'spec') ?? null)
    case 'labels':
      return JSON.stringify(wantedLabels.map((key) => labels[key] ?? null))
    case 'generation':
      return generation === undefined ? null : String(generation)
    case 'resourceVersion':
      return resourceVersion ?? null
    case undefined:
      return null
  }
}
