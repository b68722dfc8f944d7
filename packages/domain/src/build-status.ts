/** Life of a build: queued → running → one of the ends. */
export const BUILD_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'timed_out'] as const
export type BuildStatus = (typeof BUILD_STATUSES)[number]

/** True once a build cannot change any more. */
export function isBuildOver(status: BuildStatus): boolean {
  switch (status) {
    case 'queued':
    case 'running':
      return false
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'timed_out':
      return true
  }
}
