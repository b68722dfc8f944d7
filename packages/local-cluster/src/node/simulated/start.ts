import { createHash, randomBytes } from 'node:crypto'
import type { Container } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import { reportMissingConfig } from '../container/container-environment.ts'
import { nextAttempt } from '../container/run.ts'
import { started } from '../container/started.ts'
import { type NodeContext, recordEvent } from '../context.ts'
import type { Simulation } from '../options.ts'
import { containerRecord, newAttempt, type PodRecord } from '../pod/state.ts'
import { SimulatedProcess, simulatedStart } from './simulation.ts'

/** Attempts that are kept, as with real processes. */
const KEPT_RUNS = 2

/**
 * Starts a container that is no process: the same states, events and checks of its configuration as a real one, after the
 * pause that pulling and starting would take.
 */
export async function startSimulated(
  context: NodeContext,
  simulation: Simulation,
  pod: Pod,
  record: PodRecord,
  container: Container,
): Promise<void> {
  const known = containerRecord(record, container.name)
  if (known.image.pulling) return
  if ((await reportMissingConfig(context, pod, container, known)) === null) return
  known.image.pulling = true
  void simulatedStart(simulation)
    .then(() => begin(context, simulation, pod, record, container))
    .catch((error: unknown) => context.log.warn('a simulated container could not start', { error: String(error) }))
    .finally(() => {
      known.image.pulling = false
      context.enqueue(record.uid)
    })
}

async function begin(
  context: NodeContext,
  simulation: Simulation,
  pod: Pod,
  record: PodRecord,
  container: Container,
): Promise<void> {
  if (context.stopping() || record.ending !== null || context.pods.get(record.uid) !== record) return
  const known = containerRecord(record, container.name)
  const { image } = container
  const message = `Container image "${image}" already present on machine and can be accessed by the pod`
  await recordEvent(context, pod, container, { type: 'Normal', reason: 'Pulled', message })
  await recordEvent(context, pod, container, { type: 'Normal', reason: 'Created', message: 'Container created' })
  const run = newAttempt({
    meta: {
      id: `simulated://${randomBytes(32).toString('hex')}`,
      attempt: nextAttempt(pod, container, known),
      image,
      imageDigest: `sha256:${createHash('sha256').update(image).digest('hex')}`,
      createdAtMs: context.now(),
      program: '',
      workingDir: '/',
      env: {},
    },
    dir: '',
    logPath: '',
  })
  known.runs.push(run)
  known.runs.splice(0, known.runs.length - KEPT_RUNS)
  const process = new SimulatedProcess(simulation, pod, container)
  run.process = process
  await started(context, pod, record, container, { run, process })
}
