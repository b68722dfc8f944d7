import type { Database, Release } from '@slipway/db'
import { z } from 'zod'
import { pause } from '../server/pause.ts'

/** A change that nobody notified of is seen this much later. */
const POLL_MS = 500
/** The cause of a failure is written right after the status, and its log lines after that; they are waited for this long. */
const CAUSE_WAIT_MS = 3000
const LOG_LINES = 10

export type RolloutOutcome = { live: true; release: number } | { live: false; reason: string }

const whySchema = z.object({
  sentence: z.string(),
  action: z.string().nullish(),
  instance: z.string().nullish(),
  logTail: z.array(z.string()).default([]),
})
const healthSchema = z.object({ status: z.string(), message: z.string().nullish() })

/**
 * Shows how a release takes over, as its row is observed, until every process of it is live, or it failed, or another took its
 * place. When `signal` fires the rollout goes on, and the reason says so.
 */
export async function followRollout(
  db: Database,
  wanted: { appId: string; build: number },
  line: (text: string) => void,
  signal: AbortSignal,
): Promise<RolloutOutcome> {
  let shown = ''
  let number = 0
  let failedAtMs: number | null = null
  for (;;) {
    const app = await db.client.app.findFirst({
      where: { id: wanted.appId, deletedAt: null },
      include: { currentRelease: true },
    })
    if (app === null) return { live: false, reason: 'the app was deleted' }
    const release = app.currentRelease
    if (release === null || release.buildNumber !== wanted.build) return gone(db, wanted, line, release)
    number = release.number
    if (release.status === 'live') return settled(app, release, line)
    const health = healthSchema.safeParse(app.health).data
    if (release.status === 'failed') {
      failedAtMs ??= Date.now()
      const isExplained = health?.status === 'Degraded' && hasLog(app.why)
      if (isExplained || Date.now() - failedAtMs > CAUSE_WAIT_MS) return failed(app.why, release, line)
    }
    const message = health?.message ?? ''
    if (
      health?.status === 'Progressing' &&
      message !== '' &&
      message !== shown &&
      app.observedGeneration === app.generation
    ) {
      line(`       ${message}`)
      shown = message
    }
    if (signal.aborted) return { live: false, reason: `the rollout of v${number} goes on` }
    await pause(POLL_MS, signal)
  }
}

/** Another release is the app's own by now. */
async function gone(
  db: Database,
  { appId, build }: { appId: string; build: number },
  line: (text: string) => void,
  current: Release | null,
): Promise<RolloutOutcome> {
  const release = await db.client.release.findFirst({
    where: { appId, buildNumber: build },
    orderBy: { number: 'desc' },
  })
  const number = release?.number ?? 0
  if (release?.status === 'cancelled') {
    line(` !     v${number} was cancelled. ${release.message ?? ''}`.trimEnd())
    return { live: false, reason: `v${number} was cancelled` }
  }
  line(` !     v${current?.number ?? '?'} took the place of v${number} before it was live.`)
  return { live: false, reason: `v${number} was replaced` }
}

/** Live once, a release stays so when its instances crash later: that is said too. */
function settled(
  app: { health: unknown; why: unknown },
  release: Release,
  line: (text: string) => void,
): RolloutOutcome {
  const health = healthSchema.safeParse(app.health).data
  const wasLiveBefore = release.liveAt !== null && Date.now() - release.liveAt.getTime() > 60_000
  if (wasLiveBefore && health?.status === 'Degraded') {
    showCause(app.why, `v${release.number} does not serve: ${health.message ?? ''}`, line)
    return { live: false, reason: `v${release.number} does not serve` }
  }
  return { live: true, release: release.number }
}

/** The lines of an instance are read in the background. Where it never ran there are none. */
function hasLog(why: unknown): boolean {
  const cause = whySchema.safeParse(why).data
  return cause !== undefined && (!cause.instance || cause.logTail.length > 0)
}

function failed(why: unknown, release: Release, line: (text: string) => void): RolloutOutcome {
  showCause(why, release.message ?? 'It did not start.', line)
  return { live: false, reason: `v${release.number} did not start` }
}

function showCause(why: unknown, otherwise: string, line: (text: string) => void): void {
  const cause = whySchema.safeParse(why).data
  for (const text of cause?.logTail.slice(-LOG_LINES) ?? []) line(`       | ${text}`)
  line(` !     ${cause === undefined ? otherwise : [cause.sentence, cause.action].filter((text) => text).join(' ')}`)
}
