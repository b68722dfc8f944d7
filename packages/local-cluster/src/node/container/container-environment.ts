import { mkdirSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { Container, Pod } from '../../controllers/objects.ts'
import { type NodeContext, recordEvent } from '../context.ts'
import type { RunnableImage } from '../options.ts'
import type { ContainerRecord, PodRecord } from '../pod/state.ts'
import { volumeVariables } from '../pod/volumes.ts'
import { insideImage, searchPath } from './command.ts'
import { ContainerConfigError, specEnvironment } from './environment.ts'
import { isBuilder } from './image.ts'
import { exposedPorts } from './image-config.ts'

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
  const own = { ...ownEnvironment(record, container, pod), ...volumeVariables(context, record), ...services }
  const env: Record<string, string> = { ...own, ...fromImage, ...wanted }
  env.PATH = searchPath(image, wanted.PATH ?? fromImage.PATH, context.hostPath)
  const home = fromImage.HOME
  if (home !== undefined && wanted.HOME === undefined && isAbsolute(home)) env.HOME = insideImage(image.rootDir, home)
  const ownPorts = context.network !== null
  Object.assign(
    env,
    builderEnvironment(context, container),
    portVariable(container, image, env, ownPorts ? null : ports),
  )
  return env
}

/** Directories that belong to the pod, and nothing of the environment that the cluster itself runs in. */
function ownEnvironment(record: PodRecord, container: Container, pod: Pod): Record<string, string> {
  const home = join(record.dir, 'home')
  const tmp = join(record.dir, 'tmp', container.name)
  for (const dir of [home, tmp]) mkdirSync(dir, { recursive: true, mode: 0o700 })
  return { HOME: home, TMPDIR: tmp, HOSTNAME: pod.metadata.name, LANG: 'C.UTF-8' }
}

function builderEnvironment(context: NodeContext, container: Container): Record<string, string> {
  if (!isBuilder(container.image)) return {}
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
