import { type Run, readCommand, readMode } from '@slipway/db'
import type { RunView } from '@slipway/domain'

/** A command as the caller sees it. */
export function runView(run: Run, { userId }: { userId: string }): RunView {
  const {
    id,
    releaseNumber: release,
    cpuMillis,
    memoryMiB,
    timeoutSeconds,
    by,
    createdAt,
    endedAt,
    exitCode,
    failure,
  } = run
  const stopped = run.stopRequestedAt !== null
  return {
    ...{ id, release, command: readCommand(run), cpuMillis, memoryMiB, timeoutSeconds, by },
    ...{ mode: readMode(run), own: run.userId === userId },
    createdAt: createdAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    ...{ stopped, exitCode, failure },
  }
}
