import { chmodSync, chownSync, lstatSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import type { Container } from '../../types/container.ts'
import type { KubernetesObject } from '../../types/objects.ts'
import type { Pod } from '../../types/pod.ts'
import { PersistentVolumeClaims, PersistentVolumes } from '../../types/resources.ts'
import type { Volume, VolumeMount } from '../../types/volume.ts'
import { expand } from '../container/expand.ts'
import type { NodeContext } from '../context.ts'
import type { PodRecord } from '../pod/state.ts'
import { ownPod } from '../sandbox/own.ts'
import { writeAtomically } from './atomic.ts'
import { type Mount, outerFirst, type ProvidedVolume } from './mounts.ts'
import { MountError, MountErrors, payloadSources, volumePayload } from './payload.ts'

interface Claim extends KubernetesObject {
  spec?: { volumeName?: string }
  status?: { phase?: string }
}
interface PersistentVolume extends KubernetesObject {
  spec?: { hostPath?: { path: string }; local?: { path: string } }
}

/**
 * Makes every volume of the pod on this machine, or brings those made of objects up to date. Throws {@link MountErrors} when
 * some cannot be had now. Reference: WaitForAttachAndMount of pkg/kubelet/volumemanager.
 */
export async function provideVolumes(context: NodeContext, pod: Pod, record: PodRecord): Promise<void> {
  const provided = new Map<string, ProvidedVolume>()
  const errors: string[] = []
  const provideAll = async (volumes: readonly Volume[]) => {
    for (const volume of volumes) {
      try {
        provided.set(volume.name, await provide(context, pod, record, volume))
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        errors.push(`MountVolume.SetUp failed for volume "${volume.name}" : ${why}`)
      }
    }
  }
  // Whom the pod runs as depends on whose its claims are, and whose its other files are on that.
  const { claims = [], others = [] } = Object.groupBy(pod.spec.volumes ?? [], (volume) =>
    claimOf(pod, volume) === null ? 'others' : 'claims',
  )
  await provideAll(claims)
  if (errors.length === 0)
    await ownPod(
      context,
      pod,
      record,
      [...provided.values()].map(({ path }) => path),
    )
  await provideAll(others)
  if (errors.length > 0) throw new MountErrors(errors)
  const namespace = pod.metadata.namespace ?? ''
  record.volumeSources = new Set(
    (pod.spec.volumes ?? []).flatMap(payloadSources).map((source) => source.replace('/', `/${namespace}/`)),
  )
  record.volumes = provided
}

async function provide(context: NodeContext, pod: Pod, record: PodRecord, volume: Volume): Promise<ProvidedVolume> {
  const path = join(record.dir, 'volumes', volume.name)
  const payload = await volumePayload(context, pod, volume)
  // Without a runtime a pod's containers are one user.
  const group = context.runtime === null ? record.user : (pod.spec.securityContext?.fsGroup ?? null)
  if (payload !== null) {
    writeAtomically(path, payload, group)
    return { path, readOnly: true }
  }
  if (volume.emptyDir !== undefined) {
    makeWritable(path, group)
    return { path, readOnly: false }
  }
  if (volume.hostPath !== undefined) return { path: hostPath(volume.hostPath), readOnly: false }
  const claimName = claimOf(pod, volume)
  if (claimName !== null) {
    const readOnly = volume.persistentVolumeClaim?.readOnly === true
    // Without a runtime it is given to the pod's user afterwards.
    return { path: await claimPath(context, pod, claimName, context.runtime === null ? null : group), readOnly }
  }
  const type = Object.keys(volume).find((key) => key !== 'name') ?? 'unknown'
  throw new MountError(`the local cluster has no volumes of type ${type}`)
}

function claimOf(pod: Pod, volume: Volume): string | null {
  if (volume.ephemeral !== undefined) return `${pod.metadata.name}-${volume.name}`
  return volume.persistentVolumeClaim?.claimName ?? null
}

/** Whoever a container runs as may write here; with `fsGroup`, new files belong to that group. Files that are there stay as they are. */
function makeWritable(path: string, group: number | null): void {
  mkdirSync(path, { recursive: true })
  if (group !== null) chownSync(path, 0, group)
  chmodSync(path, group === null ? 0o777 : 0o2777)
}

async function claimPath(context: NodeContext, pod: Pod, name: string, group: number | null): Promise<string> {
  const claim = await context.api.get<Claim>(PersistentVolumeClaims, { namespace: pod.metadata.namespace ?? '', name })
  if (claim === null) throw new MountError(`persistentvolumeclaim "${name}" not found`)
  const bound = claim.status?.phase === 'Bound' ? claim.spec?.volumeName : undefined
  if (bound === undefined) throw new MountError(`PVC ${name} is not bound`)
  const volume = await context.api.get<PersistentVolume>(PersistentVolumes, { name: bound })
  const path = volume?.spec?.hostPath?.path ?? volume?.spec?.local?.path
  if (path === undefined) throw new MountError(`PersistentVolume ${bound} is no directory of this machine`)
  if (group !== null || statSync(path, { throwIfNoEntry: false }) === undefined) makeWritable(path, group)
  return path
}

/** Reference: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath */
function hostPath({ path, type = '' }: { path: string; type?: string }): string {
  const present = statSync(path, { throwIfNoEntry: false })
  const wrong = (what: string) => new MountError(`hostPath type check failed: ${path} is not a ${what}`)
  switch (type) {
    case 'DirectoryOrCreate':
      if (present === undefined) mkdirSync(path, { recursive: true, mode: 0o755 })
      else if (!present.isDirectory()) throw wrong('directory')
      return path
    case 'FileOrCreate':
      if (present === undefined) writeFileSync(path, '', { mode: 0o644 })
      else if (!present.isFile()) throw wrong('file')
      return path
    case 'Directory':
      if (present?.isDirectory() !== true) throw wrong('directory')
      return path
    case 'File':
      if (present?.isFile() !== true) throw wrong('file')
      return path
    case 'Socket':
      if (present?.isSocket() !== true) throw wrong('socket')
      return path
    default:
      // Like a bind mount that makes its source: only what is named without a type.
      if (present === undefined) mkdirSync(path, { recursive: true, mode: 0o755 })
      return path
  }
}

/** What is mounted where in a container. Throws {@link MountError} for a subPath that leads out of its volume. */
export function containerMounts(
  record: PodRecord,
  container: Container,
  env: Readonly<Record<string, string>>,
): Mount[] {
  const mounts = (container.volumeMounts ?? []).map((mount): Mount => {
    const volume = record.volumes?.get(mount.name)
    if (volume === undefined) throw new MountError(`no volume "${mount.name}"`)
    const source = subPath(volume.path, mount, env)
    if (source === null) {
      throw new MountError(`failed to prepare subPath for volumeMount "${mount.name}" of container "${container.name}"`)
    }
    const isFile = !statSync(source).isDirectory()
    const readOnly = mount.readOnly === true || volume.readOnly
    return { name: mount.name, source, target: mount.mountPath, readOnly, isFile }
  })
  return mounts.sort(outerFirst)
}

/** Where a mount's `subPath` is, made where it is not; null where it leads out of the volume. */
function subPath(root: string, mount: VolumeMount, env: Readonly<Record<string, string>>): string | null {
  const sub = mount.subPathExpr === undefined ? (mount.subPath ?? '') : expand(mount.subPathExpr, env)
  if (sub === '') return root
  const path = join(root, sub)
  if (!path.startsWith(root + sep)) return null
  // Not made through a link that an app may have left in its volume.
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
    if (inside(root, dirname(path)) === null) return null
    mkdirSync(path, { recursive: true, mode: 0o750 })
  }
  return inside(root, path)
}

function inside(root: string, path: string): string | null {
  let existing = path
  while (lstatSync(existing, { throwIfNoEntry: false }) === undefined) existing = dirname(existing)
  const [realRoot, real] = [realpathSync(root), realpathSync(existing)]
  if (real !== realRoot && !real.startsWith(realRoot + sep)) return null
  return existing === path ? real : path
}
