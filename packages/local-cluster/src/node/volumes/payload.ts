import type { KubernetesObject } from '../../types/objects.ts'
import type { Pod } from '../../types/pod.ts'
import { ConfigMaps, Secrets } from '../../types/resources.ts'
import type { DownwardItem, KeyToPath, ProjectedSource, Volume } from '../../types/volume.ts'
import type { NodeContext } from '../context.ts'
import { fieldValue, resourceValue } from '../pod/downward.ts'

/** A volume that cannot be provided now: the pod waits, and the message is its FailedMount event. */
export class MountError extends Error {
  override name = 'MountError'
}

/** Volumes of a pod that cannot be provided now, an event each. */
export class MountErrors extends Error {
  override name = 'MountErrors'
  readonly errors: readonly string[]
  constructor(errors: readonly string[]) {
    super(errors.join('; '))
    this.errors = errors
  }
}

export interface PayloadFile {
  content: Buffer
  mode: number
}
/** Files of a volume by their path below it. */
export type Payload = Map<string, PayloadFile>

interface Source extends KubernetesObject {
  data?: Record<string, string>
  binaryData?: Record<string, string>
}

const DEFAULT_MODE = 0o644

/** The files that a volume made of objects holds now; null for other volumes. Throws {@link MountError} in the kubelet's words. */
export async function volumePayload(context: NodeContext, pod: Pod, volume: Volume): Promise<Payload | null> {
  const { configMap, secret, downwardAPI, projected } = volume
  if (configMap !== undefined) return configMapFiles(context, pod, configMap, configMap.defaultMode)
  if (secret !== undefined) {
    const { secretName, ...rest } = secret
    return secretFiles(context, pod, { name: secretName, ...rest }, secret.defaultMode)
  }
  if (downwardAPI !== undefined) return downwardFiles(context, pod, downwardAPI.items ?? [], downwardAPI.defaultMode)
  if (projected === undefined) return null
  const files: Payload = new Map()
  for (const source of projected.sources ?? []) {
    for (const [path, file] of await projectedFiles(context, pod, source, projected.defaultMode)) files.set(path, file)
  }
  return files
}

/** Objects whose change changes the volume, as `Kind/name`. */
export function payloadSources(volume: Volume): string[] {
  const names = [
    volume.configMap && `ConfigMap/${volume.configMap.name}`,
    volume.secret && `Secret/${volume.secret.secretName}`,
    ...(volume.projected?.sources ?? []).flatMap(({ configMap, secret }) => [
      configMap && `ConfigMap/${configMap.name}`,
      secret && `Secret/${secret.name}`,
    ]),
  ]
  return names.filter((name) => name !== undefined)
}

async function projectedFiles(
  context: NodeContext,
  pod: Pod,
  source: ProjectedSource,
  defaultMode: number | undefined,
): Promise<Payload> {
  if (source.configMap !== undefined) return configMapFiles(context, pod, source.configMap, defaultMode)
  if (source.secret !== undefined) return secretFiles(context, pod, source.secret, defaultMode)
  if (source.downwardAPI !== undefined) {
    return downwardFiles(context, pod, source.downwardAPI.items ?? [], defaultMode)
  }
  if (source.serviceAccountToken !== undefined) {
    const content = Buffer.from((await context.apiAccess?.tokenOf(pod)) ?? '')
    // Whoever a container in a root of its own runs as; nobody else sees the file then.
    const mode = context.runtime === null ? 0o600 : 0o644
    return new Map([[source.serviceAccountToken.path, { content, mode }]])
  }
  return new Map()
}

type ObjectRef = { name: string; items?: KeyToPath[]; optional?: boolean }

async function configMapFiles(context: NodeContext, pod: Pod, ref: ObjectRef, mode: number | undefined) {
  const object = await context.api.get<Source>(ConfigMaps, { namespace: pod.metadata.namespace ?? '', name: ref.name })
  if (object === null && ref.optional !== true) throw new MountError(`configmap "${ref.name}" not found`)
  const contents = new Map<string, Buffer>()
  for (const [key, value] of Object.entries(object?.data ?? {})) contents.set(key, Buffer.from(value))
  for (const [key, value] of Object.entries(object?.binaryData ?? {})) contents.set(key, Buffer.from(value, 'base64'))
  // The authority of the API is known to the node; its ConfigMap may have been made before there was one.
  const { caCertificate } = context.apiAccess ?? {}
  if (ref.name === 'kube-root-ca.crt' && caCertificate !== undefined) contents.set('ca.crt', Buffer.from(caCertificate))
  return select(contents, ref, mode, 'configmap references non-existent config key')
}

async function secretFiles(context: NodeContext, pod: Pod, ref: ObjectRef, mode: number | undefined) {
  const object = await context.api.get<Source>(Secrets, { namespace: pod.metadata.namespace ?? '', name: ref.name })
  if (object === null && ref.optional !== true) throw new MountError(`secret "${ref.name}" not found`)
  const contents = new Map<string, Buffer>()
  for (const [key, value] of Object.entries(object?.data ?? {})) contents.set(key, Buffer.from(value, 'base64'))
  return select(contents, ref, mode, 'references non-existent secret key')
}

function select(
  contents: ReadonlyMap<string, Buffer>,
  ref: ObjectRef,
  defaultMode: number | undefined,
  missing: string,
): Payload {
  const mode = defaultMode ?? DEFAULT_MODE
  if (ref.items === undefined || ref.items.length === 0) {
    return new Map([...contents].map(([key, content]) => [key, { content, mode }]))
  }
  const files: Payload = new Map()
  for (const item of ref.items) {
    const content = contents.get(item.key)
    if (content !== undefined) files.set(item.path, { content, mode: item.mode ?? mode })
    else if (ref.optional !== true) throw new MountError(`${missing}: ${item.key}`)
  }
  return files
}

function downwardFiles(
  context: NodeContext,
  pod: Pod,
  items: DownwardItem[],
  defaultMode: number | undefined,
): Payload {
  const files: Payload = new Map()
  for (const item of items) {
    const value =
      item.fieldRef === undefined
        ? resourceValue(pod, null, item.resourceFieldRef ?? { resource: '' }, context.allocatable)
        : fieldValue(context, pod, item.fieldRef.fieldPath)
    if (value === null) throw new MountError(`unsupported fieldPath: ${item.fieldRef?.fieldPath ?? ''}`)
    files.set(item.path, { content: Buffer.from(value), mode: item.mode ?? defaultMode ?? DEFAULT_MODE })
  }
  return files
}
