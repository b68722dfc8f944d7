import { type Build, type Database, findBuildEnd } from '@slipway/db'
import { isBuildOver } from '@slipway/domain'
import type { KeptLogs } from '../live/kept-logs.ts'

/** Lines of the log's end in which the reason of a failure is looked for, so that it is not said twice. */
const REMEMBERED_LINES = 5

/** How a followed build ended; `reason` goes into git's report. */
export type BuildOutcome = { succeeded: true; release: number | null } | { succeeded: false; reason: string }

/** Shows a build's log as it comes, and how it ended. When `signal` fires the build goes on, and this says so. */
export async function followBuild(
  { db, buildLogs }: { db: Database; buildLogs: KeptLogs },
  build: Build,
  line: (text: string) => void,
  signal: AbortSignal,
): Promise<BuildOutcome> {
  const read = () => findBuildEnd(db, build.id)
  const isOver = async () => {
    const row = await read()
    return row === null || isBuildOver(row.status)
  }
  const last: string[] = []
  for await (const { entries } of buildLogs.follow(build.id, { from: 0, isOver, signal })) {
    for (const { text } of entries) {
      line(text)
      last.push(text)
    }
    last.splice(0, last.length - REMEMBERED_LINES)
  }
  const over = await read()
  if (over === null) return { succeeded: false, reason: 'the app was deleted' }
  if (!isBuildOver(over.status)) return { succeeded: false, reason: `build ${build.number} continues` }
  if (over.status === 'succeeded') return { succeeded: true, release: over.release?.number ?? null }
  const failure = over.failure ?? 'It ended without a reason.'
  // The builder writes cause and action on a line each.
  const said = last.map((text) => text.replace(/^ !\s+/, '')).join(' ')
  if (!said.includes(failure)) line(` !     ${failure}`)
  return { succeeded: false, reason: `build ${build.number} ${VERBS[over.status]}` }
}

const VERBS = {
  queued: 'waits',
  running: 'runs',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'was cancelled',
  timed_out: 'took too long',
}
