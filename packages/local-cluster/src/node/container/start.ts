import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Container } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import { type NodeContext, recordEvent } from '../context.ts'
import { ensurePorts } from '../pod/pod-ports.ts'
import { type ContainerRecord, containerRecord, type PodRecord, type Run } from '../pod/state.ts'
import { startInRuntime } from '../runtime/start.ts'
import { startSimulated } from '../simulated/start.ts'
import type { Mount } from '../volumes/mounts.ts'
import { MountError } from '../volumes/payload.ts'
import { containerMounts } from '../volumes/provide.ts'
import { ContainerStartError } from './command.ts'
import { containerEnvironment, reportConfigError, runsInRuntime } from './container-environment.ts'
import { ContainerConfigError } from './environment.ts'
import { ensureImage } from './image.ts'
import { dataVariable, exposedPorts, imageVolumes } from './image-config.ts'
import { groupId, newRun, nextAttempt } from './run.ts'
import { type ContainerStart, startOnMachine } from './start-on-machine.ts'
import { started } from './started.ts'

/** Until the next look at a container that could not be started. */
const START_RETRY_MS = 1_000

/** Starts the container's next attempt, or says in its waiting state why not. Never throws for the container's own faults. */
export async function startContainer(
  context: NodeContext,
  pod: Pod,
  record: PodRecord,
  container: Container,
  ports: Readonly<Record<string, number>>,
): Promise<void> {
  if (context.simulation !== null) return startSimulated(context, context.simulation, pod, record, container)
  const known = containerRecord(record, container.name)
  const image = await ensureImage(context, pod, container, known)
  if (image === null) return
  const exposed = exposedPorts(container, image)
  const mapped = exposed.length === 0 ? ports : await ensurePorts(context, pod, record, exposed)
  const env = await containerEnvironment(context, pod, record, container, known, { image, ports: mapped })
  if (env === null) return
  const declared = await declaredMounts(context, pod, record, container, { known, env })
  if (declared === null) return
  known.configFailures = 0
  await recordEvent(context, pod, container, { type: 'Normal', reason: 'Created', message: 'Container created' })
  const attempt = nextAttempt(pod, container, known)
  const base = { attempt, image: container.image, imageDigest: image.digest, env }
  const start = { pod, record, container, known, image, env, declared, ports: mapped, meta: base }
  try {
    const { runtime } = context
    const begun =
      runtime === null || !runsInRuntime(pod, image)
        ? await startOnMachine(context, start)
        : await startInRuntime(context, runtime, { ...start, mounts: runtimeMounts(record, start) })
    await started(context, pod, record, container, begun)
  } catch (error) {
    if (error instanceof ContainerConfigError) {
      return reportConfigError(context, pod, container, known, error.message)
    }
    await startFailed(context, pod, record, container, { known, base, error })
  }
}

/** What the container mounts, or null, said in its waiting state, where a `subPath` cannot be had. */
async function declaredMounts(
  context: NodeContext,
  pod: Pod,
  record: PodRecord,
  container: Container,
  { known, env }: { known: ContainerRecord; env: Readonly<Record<string, string>> },
): Promise<Mount[] | null> {
  try {
    return containerMounts(record, container, env)
  } catch (error) {
    if (!(error instanceof MountError)) throw error
    await reportConfigError(context, pod, container, known, error.message)
    return null
  }
}

/** Mounts of the pod, and those that stand for the volumes of an image that is a program of the machine. */
function runtimeMounts(record: PodRecord, start: ContainerStart): readonly Mount[] {
  const { container, image, env, declared, meta } = start
  if (image.root !== undefined) env.TERMINATION_LOG = container.terminationMessagePath ?? '/dev/termination-log'
  if (image.root !== 'program') return declared
  Object.assign(env, dataVariable(image, declared, true))
  const own = imageVolumes(container, image, join(record.dir, 'image-volumes', container.name, String(meta.attempt)))
  for (const { source } of own) mkdirSync(source, { recursive: true, mode: 0o755 })
  return [...declared, ...own]
}

/** A program that cannot be run counts as an attempt that ended at once, as with containerd. */
async function startFailed(
  context: NodeContext,
  pod: Pod,
  record: PodRecord,
  container: Container,
  failed: {
    known: ContainerRecord
    base: Omit<Run['meta'], 'id' | 'createdAtMs' | 'program' | 'workingDir'>
    error: unknown
  },
): Promise<void> {
  const { known, base, error } = failed
  const message = error instanceof Error ? error.message : String(error)
  const present = known.runs.at(-1)
  const run =
    present?.meta.attempt === base.attempt
      ? present
      : newRun(context, record, known, { ...base, program: '', workingDir: '/' })
  run.log?.close()
  run.group?.remove()
  context.network?.remove(groupId(run))
  const exitCode = error instanceof ContainerStartError ? error.exitCode : 128
  run.exit = { exitCode, finishedAtMs: context.now(), reason: 'StartError', message }
  known.waiting = { reason: 'RunContainerError', message }
  await recordEvent(context, pod, container, { type: 'Warning', reason: 'Failed', message: `Error: ${message}` })
  context.enqueue(record.uid, Math.min(START_RETRY_MS, context.crashBackoff.baseMs / 2))
}
