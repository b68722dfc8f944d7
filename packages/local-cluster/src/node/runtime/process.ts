import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { hasCode } from '../../types/system-error.ts'
import type { LogStream } from '../logs/writer.ts'
import { belonging, ContainerProcess, readExit } from '../process/container-process.ts'
import { type HostProcess, heeds, readStat, sendSignal } from '../process/proc.ts'
import { bundleFiles } from './runtime.ts'

/** Between two checks whether a container has begun. */
const POLL_MS = 5

/**
 * A container that an OCI runtime runs under the shim. The runtime stays in the foreground and passes on streams and the exit
 * code; the container's first process is its child, in a session and a PID namespace of its own.
 */
export class RuntimeProcess extends ContainerProcess {
  /** Processes of the container; the runtime itself is none. */
  override membersAmong(processes: readonly HostProcess[]): number[] {
    const first = this.#first()
    // The number may have been given again: the runtime's child it is, or nobody.
    if (first === null || !belonging(processes, this.shimPid).includes(first)) return []
    return belonging(processes, first)
  }

  /**
   * To the first process, as runtimes do. Where that would not even get the signal, as it has not said what it does at one, to
   * those below it that have.
   */
  override signal(signal: NodeJS.Signals): boolean {
    const first = this.#first()
    if (first === null) return false
    const number = constants.signals[signal]
    if (heeds(first, number) !== false) return sendSignal(first, signal)
    void this.members().then((pids) => {
      for (const pid of pids) if (heeds(pid, number) !== false) sendSignal(pid, signal)
    })
    return true
  }

  /** Resolves with true when the container's program has begun, with false when it could not. */
  async started(): Promise<boolean> {
    while (this.#first() === null) {
      if (readExit(this.dir) !== null || readStat(this.shimPid) === null) return this.#first() !== null
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
    return true
  }

  override async begun(): Promise<void> {
    await this.started()
  }

  #first(): number | null {
    try {
      return Number(readFileSync(bundleFiles(this.dir).pid, 'latin1')) || null
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return null
      throw error
    }
  }
}

/** Output of a container that may not begin: what the runtime itself says then is no output of the container. */
export function heldOutput(output: (stream: LogStream, chunk: Buffer) => void) {
  let held: [LogStream, Buffer][] | null = []
  return {
    write(stream: LogStream, chunk: Buffer): void {
      if (held === null) output(stream, chunk)
      else held.push([stream, chunk])
    },
    release(): void {
      for (const [stream, chunk] of held ?? []) output(stream, chunk)
      held = null
    },
    drop(): void {
      held = []
    },
  }
}
