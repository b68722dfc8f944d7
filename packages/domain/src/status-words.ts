import type { BuildStatus } from './build-status.ts'
import type { ProcessKind } from './process-kind.ts'
import type { ReleaseStatus } from './release-status.ts'
import type { ProcessView } from './views/app.ts'

/** The one word for a release's status. One that waits for its first object is rolling out as well. */
export function releaseWord(status: ReleaseStatus): string {
  switch (status) {
    case 'pending':
    case 'rolling_out':
      return 'Rolling out'
    case 'live':
      return 'Live'
    case 'superseded':
      return 'Replaced'
    case 'failed':
      return 'Failed'
    case 'cancelled':
      return 'Cancelled'
  }
}

/** The one word for a build's status. */
export function buildWord(status: BuildStatus): string {
  switch (status) {
    case 'queued':
      return 'Queued'
    case 'running':
      return 'Building'
    case 'succeeded':
      return 'Built'
    case 'failed':
      return 'Failed'
    case 'cancelled':
      return 'Cancelled'
    case 'timed_out':
      return 'Timed out'
  }
}

/** When a process runs of which nothing runs at rest; null of one whose instances keep running. */
function whenItRuns(kind: ProcessKind): string | null {
  return kind === 'release' ? 'before each release' : null
}

/** "2 of 2 ready"; beside a release that is not there yet, what still runs: "0 of 2 ready, 2 of v1 still run". */
export function readyWords({
  kind,
  ready,
  instances,
  others,
}: Pick<ProcessView, 'kind' | 'ready' | 'instances' | 'others'>): string {
  const when = whenItRuns(kind)
  if (when !== null) return `runs ${when}`
  const still = others.map(({ release, ready: count }) => `${count} of v${release}`).join(', ')
  const verb = others.length === 1 && others[0]?.ready === 1 ? 'runs' : 'run'
  return `${ready} of ${instances} ready${still === '' ? '' : `, ${still} still ${verb}`}`
}
