import type { Pod } from '../types/pod.ts'
import { isFinished } from '../types/pod-conditions.ts'
import { References } from '../types/references.ts'
import { PersistentVolumeClaims, PersistentVolumes, Pods, StorageClasses } from '../types/resources.ts'
import { CLAIM_PROTECTION, defaultStorageClass } from '../types/storage.ts'
import { type ControllerContext, keyOf, parseKey, runController } from './kind-controller.ts'
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from './storage-objects.ts'
import { BIND_COMPLETED, bindClaim, findVolume, isClaimedBy, SELECTED_NODE } from './volume-binding.ts'
import { PROVISIONER, provision } from './volume-provisioner.ts'

const COMPONENT = 'persistentvolume-controller'

/** Claims of the pod's volumes, as keys. */
const claimKeys = (pod: Pod) =>
  (pod.spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim === undefined ? [] : [`${pod.metadata.namespace ?? ''}/${persistentVolumeClaim.claimName}`],
  )

/**
 * PersistentVolumeClaims: each gets a volume that is there, or one made for it, and stays while a pod uses it.
 * Reference: pkg/controller/volume/persistentvolume and pvcprotection.
 */
export function runVolumeClaims(context: ControllerContext) {
  const waiting = new Set<string>()
  /** Pods that have not finished, by the claims that they name. */
  const users = new References()
  return runController(context, {
    name: 'volume-claims',
    // One at a time: no volume is given to two.
    concurrency: 1,
    reconcile: async (key) => {
      const bound = await reconcile(context, key, users)
      if (bound) waiting.delete(key)
      else waiting.add(key)
    },
    watches: [
      { type: PersistentVolumeClaims, keys: (object) => [keyOf(object)] },
      {
        type: PersistentVolumes,
        keys: (object) => {
          const { claimRef } = (object as PersistentVolume).spec
          return claimRef === undefined ? [...waiting] : [`${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`]
        },
      },
      { type: StorageClasses, keys: () => [...waiting] },
      {
        type: Pods,
        keys: (object, deleted) => {
          const ended = deleted || isFinished(object as Pod)
          const claims = claimKeys(object as Pod)
          users.set(keyOf(object), ended ? [] : claims)
          return ended ? claims : []
        },
      },
    ],
  })
}

/** False while the claim waits for a volume. */
async function reconcile(context: ControllerContext, key: string, users: References): Promise<boolean> {
  const { api } = context
  const claim = await api.get<PersistentVolumeClaim>(PersistentVolumeClaims, parseKey(key))
  if (claim === null) return true
  if (claim.metadata.deletionTimestamp !== undefined) {
    await release(context, claim, users)
    return true
  }
  if (claim.spec.volumeName !== undefined) return keepBound(context, claim, claim.spec.volumeName)
  const volume = findVolume(claim, (await api.list<PersistentVolume>(PersistentVolumes)).items)
  if (volume !== undefined && !(await mustWait(context, claim))) {
    await bindClaim(context, claim, volume)
    return true
  }
  return provisionOrSay(context, claim)
}

/** Lets a claim go that no pod uses any more. */
async function release({ api }: ControllerContext, claim: PersistentVolumeClaim, users: References): Promise<void> {
  const { namespace = '', name, finalizers = [] } = claim.metadata
  if (!finalizers.includes(CLAIM_PROTECTION)) return
  if (users.of(keyOf(claim)).length > 0) return
  const body = { metadata: { finalizers: finalizers.filter((each) => each !== CLAIM_PROTECTION) } }
  await api.patch(PersistentVolumeClaims, { namespace, name }, { type: 'merge', body })
}

async function keepBound(context: ControllerContext, claim: PersistentVolumeClaim, volumeName: string) {
  const volume = await context.api.get<PersistentVolume>(PersistentVolumes, { name: volumeName })
  const completed = claim.metadata.annotations?.[BIND_COMPLETED] !== undefined
  if (volume !== null && (volume.spec.claimRef === undefined || isClaimedBy(volume, claim))) {
    await bindClaim(context, claim, volume)
    return true
  }
  if (!completed) {
    if (volume !== null) {
      await say(
        context,
        claim,
        'Warning',
        'FailedBinding',
        `volume "${volumeName}" already bound to a different claim.`,
      )
    }
    return false
  }
  if (claim.status?.phase === 'Lost') return true
  await context.api.updateStatus<PersistentVolumeClaim>({ ...structuredClone(claim), ...{ status: { phase: 'Lost' } } })
  const lost = volume === null ? 'ClaimLost' : 'ClaimMisbound'
  const message =
    volume === null
      ? 'Bound claim has lost its PersistentVolume. Data on the volume is lost!'
      : 'Two claims are bound to the same volume, this one is bound incorrectly'
  await say(context, claim, 'Warning', lost, message)
  return true
}

/** True for a claim of a class that waits for the claim's first pod, while that has no node. */
async function mustWait(context: ControllerContext, claim: PersistentVolumeClaim): Promise<boolean> {
  const found = await classOf(context, claim)
  return (
    found?.volumeBindingMode === 'WaitForFirstConsumer' && claim.metadata.annotations?.[SELECTED_NODE] === undefined
  )
}

function classOf({ api }: ControllerContext, claim: PersistentVolumeClaim): Promise<StorageClass | null> {
  const { storageClassName = '' } = claim.spec
  return storageClassName === ''
    ? Promise.resolve(null)
    : api.get<StorageClass>(StorageClasses, { name: storageClassName })
}

async function provisionOrSay(context: ControllerContext, claim: PersistentVolumeClaim): Promise<boolean> {
  const { storageClassName } = claim.spec
  const { namespace = '', name } = claim.metadata
  if (storageClassName === undefined) {
    const found = defaultStorageClass((await context.api.list<StorageClass>(StorageClasses)).items)
    if (found !== undefined) {
      const body = { spec: { storageClassName: found.metadata.name } }
      await context.api.patch(PersistentVolumeClaims, { namespace, name }, { type: 'merge', body })
      return false
    }
  }
  if (storageClassName === undefined || storageClassName === '') {
    const message = 'no persistent volumes available for this claim and no storage class is set'
    await say(context, claim, 'Normal', 'FailedBinding', message)
    return false
  }
  const found = await classOf(context, claim)
  if (found === null) {
    const message = `storageclass.storage.k8s.io "${storageClassName}" not found`
    await say(context, claim, 'Warning', 'ProvisioningFailed', message)
    return false
  }
  if (await mustWait(context, claim)) {
    const message = 'waiting for first consumer to be created before binding'
    await say(context, claim, 'Normal', 'WaitForFirstConsumer', message)
    return false
  }
  if (found.provisioner !== PROVISIONER || context.volumesDir === undefined) {
    const message = `Waiting for a volume to be created either by the external provisioner '${found.provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`
    await say(context, claim, 'Normal', 'ExternalProvisioning', message)
    return false
  }
  await bindClaim(context, claim, await provision(context, claim, found, context.volumesDir))
  return true
}

function say(
  context: ControllerContext,
  claim: PersistentVolumeClaim,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
) {
  return context.api.recordEvent({ about: claim, type, reason, message, component: COMPONENT })
}
