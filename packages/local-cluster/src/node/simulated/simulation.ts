import type { Container } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import type { Simulation } from '../options.ts'
import { initContainers, isSidecar } from '../pod/state.ts'
import type { ProcessExit, RunningProcess } from '../process/container-process.ts'

/** On a pod: how many seconds after its start a container ends, and with which code. */
const EXIT_AFTER = 'simulated.slipway.dev/exit-after-seconds'
const EXIT_CODE = 'simulated.slipway.dev/exit-code'

/** What is usual, at speed 1. */
const PULL_MS = 500
const START_MS = 500
const STOP_MS = 500
/** A container that is to end does so after this. */
const WORK_MS = 1_000

/** Time in the simulation, in ms of the clock. */
export const simulated = (simulation: Simulation, ms: number) => ms / simulation.speed

/** The pause of pulling an image and starting a container. */
export function simulatedStart(simulation: Simulation): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, simulated(simulation, PULL_MS + START_MS)).unref())
}

/**
 * A container without a process. It ends when it is told to, after what the pod's annotations say, or, where its work has an
 * end (init containers, and pods that are not restarted always), after a second.
 */
export class SimulatedProcess implements RunningProcess {
  readonly shimPid = 0
  readonly exited: Promise<ProcessExit>
  readonly #simulation: Simulation
  #timer: NodeJS.Timeout | null = null
  #end: (exitCode: number) => void = () => undefined

  constructor(simulation: Simulation, pod: Pod, container: Container) {
    this.#simulation = simulation
    this.exited = new Promise((resolve) => {
      this.#end = (exitCode) => {
        if (this.#timer !== null) clearTimeout(this.#timer)
        resolve({ exitCode, finishedAtMs: Date.now(), seen: true })
      }
    })
    const { exitCode, afterMs } = plannedEnd(pod, container)
    if (afterMs !== null) this.#endAfter(afterMs, exitCode)
  }

  signal(signal: NodeJS.Signals): boolean {
    if (signal === 'SIGTERM' || signal === 'SIGINT') this.#endAfter(STOP_MS, 0)
    return true
  }

  async terminate(): Promise<void> {
    this.signal('SIGTERM')
  }

  async begun(): Promise<void> {
    // It has no program that could begin later.
  }

  async kill(): Promise<void> {
    this.#end(137)
  }

  async endInput(): Promise<void> {
    // It reads nothing.
  }

  async members(): Promise<number[]> {
    return []
  }

  membersAmong(): number[] {
    return []
  }

  release(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #endAfter(ms: number, exitCode: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#end(exitCode), simulated(this.#simulation, ms)).unref()
  }
}

function plannedEnd(pod: Pod, container: Container): { afterMs: number | null; exitCode: number } {
  const regularInit = initContainers(pod).includes(container) && !isSidecar(container)
  const { [EXIT_AFTER]: after, [EXIT_CODE]: code } = pod.metadata.annotations ?? {}
  if (after !== undefined && !regularInit) {
    return { afterMs: Math.max(0, Number(after) || 0) * 1000, exitCode: Number(code ?? 0) || 0 }
  }
  const ends = regularInit || (pod.spec.restartPolicy !== 'Always' && !isSidecar(container))
  return { afterMs: ends ? WORK_MS : null, exitCode: Number(code ?? 0) || 0 }
}
