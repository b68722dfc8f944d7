import { chownSync, mkdirSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { Container } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import { type NodeContext, recordEvent } from '../context.ts'
import type { RunnableImage } from '../options.ts'
import type { ContainerRecord, PodRecord } from '../pod/state.ts'
import { volumeVariables } from '../pod/volumes.ts'
import { HOME } from '../runtime/machine-root.ts'
import { BUILD_CACHE } from '../runtime/start.ts'
import { DOCKERFILE_NAMESPACE, isConfined } from '../sandbox/own.ts'
import { insideImage, searchPath } from './command.ts'
import { ContainerConfigError, specEnvironment } from './environment.ts'
import { isBuilder } from './image.ts'
import { exposedPorts } from './image-config.ts'

/** What containerd gives an image that names none. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Pauses between looks for a missing Secret or ConfigMap. */
const CONFIG_RETRY = { baseMs: 1_000, maxMs: 10_000 }

/** What the container's spec wants in its environment. Null, said in its waiting state, when that lacks something. */
export async function reportMissingConfig(
  context: NodeContext,
  pod: Pod,
  container: Container,
  known: ContainerRecord,
): Promise<Record<string, string> | null> {
  try {
    return await specEnvironment(context, pod, container)
  } catch (error) {
    if (!(error instanceof ContainerConfigError)) throw error
    await reportConfigError(context, pod, container, known, error.message)
    return null
  }
}

/** Says what a container's configuration lacks, and has it looked at again later. */
export async function reportConfigError(
  context: NodeContext,
  pod: Pod,
  container: Container,
  known: ContainerRecord,
  message: string,
): Promise<void> {
  known.waiting = { reason: 'CreateContainerConfigError', message }
  await recordEvent(context, pod, container, { type: 'Warning', reason: 'Failed', message: `Error: ${message}` })
  known.configFailures += 1
  const delayMs = Math.min(CONFIG_RETRY.baseMs * 2 ** Math.min(known.configFailures - 1, 10), CONFIG_RETRY.maxMs)
  context.enqueue(pod.metadata.uid ?? '', delayMs)
}

/** Everything the program is to see, or null when its configuration lacks something. */
export async function containerEnvironment(
  context: NodeContext,
  pod: Pod,
  record: PodRecord,
  container: Container,
  known: ContainerRecord,
  { image, ports }: { image: RunnableImage; ports: Readonly<Record<string, number>> },
): Promise<Record<string, string> | null> {
  const wanted = await reportMissingConfig(context, pod, container, known)
  if (wanted === null) return null
  const fromImage = Object.fromEntries((image.config.Env ?? []).map(splitVariable))
  const services = (await context.services?.variables(pod)) ?? {}
  const contained = context.runtime !== null && runsInRuntime(pod, image)
  const own =
    contained && image.root !== 'machine' ? contentEnvironment(pod, image) : ownEnvironment(record, container, pod)
  const env: Record<string, string> = {
    ...own,
    ...volumeVariables(context, record),
    ...services,
    ...fromImage,
    ...wanted,
  }
  const path = wanted.PATH ?? fromImage.PATH
  env.PATH = contained ? pathInRuntime(context, image, path) : searchPath(image, path, context.hostPath)
  const home = fromImage.HOME
  if (!contained && home !== undefined && wanted.HOME === undefined && isAbsolute(home)) {
    env.HOME = insideImage(image.rootDir, home)
  }
  const ownPorts = context.network !== null
  Object.assign(
    env,
    builderEnvironment(context, container, contained || isConfined(context, pod)),
    portVariable(container, image, env, ownPorts ? null : ports),
  )
  return env
}

/**
 * Whether an OCI runtime, where there is one, is to run the container. Builds of Dockerfiles make containers themselves, which
 * takes rights that none of ours gets.
 */
export const runsInRuntime = (pod: Pod, image: RunnableImage): boolean =>
  !(image.root === 'builder' && pod.metadata.namespace === DOCKERFILE_NAMESPACE)

/** Of an image with everything that it needs, the runtime says the rest. */
const contentEnvironment = (pod: Pod, { root }: RunnableImage): Record<string, string> => ({
  HOSTNAME: pod.metadata.name,
  ...(root === undefined ? {} : { HOME, LANG: 'C.UTF-8' }),
})

function pathInRuntime({ hostPath }: NodeContext, { root }: RunnableImage, path: string | undefined): string {
  if (root === undefined) return path ?? DEFAULT_PATH
  return [...new Set([...(path ?? '').split(':').filter(isAbsolute), ...hostPath.split(':')])].join(':')
}

/** Directories that belong to the pod, and nothing of the environment that the cluster itself runs in. */
function ownEnvironment(record: PodRecord, container: Container, pod: Pod): Record<string, string> {
  const home = join(record.dir, 'home')
  const tmp = join(record.dir, 'tmp', container.name)
  for (const dir of [home, tmp]) mkdirSync(dir, { recursive: true, mode: 0o700 })
  if (record.user !== null) chownSync(tmp, record.user, record.user)
  return { HOME: home, TMPDIR: tmp, HOSTNAME: pod.metadata.name, LANG: 'C.UTF-8' }
}

function builderEnvironment(context: NodeContext, container: Container, contained: boolean): Record<string, string> {
  if (!isBuilder(container.image)) return {}
  if (contained) return { ...context.builderEnv, SLIPWAY_BUILD_CACHE_DIR: BUILD_CACHE }
  mkdirSync(context.cacheDir, { recursive: true, mode: 0o700 })
  return { ...context.builderEnv, SLIPWAY_BUILD_CACHE_DIR: context.cacheDir }
}

/**
 * `PORT` says where to listen: the declared port it names, or the first one when it is not set; the port of the machine that stands
 * for it where pods share the machine's.
 */
function portVariable(
  container: Container,
  image: RunnableImage,
  env: Readonly<Record<string, string>>,
  mapped: Readonly<Record<string, number>> | null,
): Record<string, string> {
  const named = (container.ports ?? []).map((port) => port.containerPort)
  const declared = [...named, ...exposedPorts(container, image)].map(String)
  const wanted = env.PORT ?? declared[0]
  if (wanted === undefined || !declared.includes(wanted)) return {}
  return { PORT: String(mapped?.[wanted] ?? wanted) }
}

function splitVariable(text: string): [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
