import { type Run, readCommand } from '@slipway/db'
import type { RunView } from '@slipway/domain'

export function runView(run: Run): RunView {
  const { id, releaseNumber: release, cpuMillis, memoryMiB, by, createdAt, endedAt, exitCode, failure } = run
  const stopped = run.stopRequestedAt !== null
  return {
    ...{ id, release, command: readCommand(run), cpuMillis, memoryMiB, by },
    createdAt: createdAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    ...{ stopped, exitCode, failure },
  }
}
