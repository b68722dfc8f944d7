/** How the command stands that a release runs before anything of it is deployed. */
export const RELEASE_COMMAND_STATUSES = ['waiting', 'running', 'succeeded', 'failed', 'stopped'] as const
export type ReleaseCommandStatus = (typeof RELEASE_COMMAND_STATUSES)[number]

/** What its row says. */
export interface ReleaseCommandRow {
  startedAt: Date | string | null
  endedAt: Date | string | null
  stopRequestedAt: Date | string | null
  exitCode: number | null
  failure: string | null
}

export function releaseCommandStatus(row: ReleaseCommandRow): ReleaseCommandStatus {
  if (row.endedAt === null) return row.startedAt === null ? 'waiting' : 'running'
  if (row.exitCode === 0) return 'succeeded'
  return row.stopRequestedAt === null ? 'failed' : 'stopped'
}

/** True while it waits or runs. */
export function isReleaseCommandActive(status: ReleaseCommandStatus): boolean {
  return status === 'waiting' || status === 'running'
}

/** Why a release was not deployed, as the rest of a sentence that begins with it. */
export function releaseCommandFailure({ exitCode, failure }: Pick<ReleaseCommandRow, 'exitCode' | 'failure'>): string {
  if (failure !== null) return `its release command failed: ${failure.charAt(0).toLowerCase()}${failure.slice(1)}`
  return `its release command exited with code ${exitCode}.`
}

/** The one word for a status. */
export function releaseCommandWord(status: ReleaseCommandStatus): string {
  switch (status) {
    case 'waiting':
      return 'Waiting'
    case 'running':
      return 'Running'
    case 'succeeded':
      return 'Succeeded'
    case 'failed':
      return 'Failed'
    case 'stopped':
      return 'Stopped'
  }
}
