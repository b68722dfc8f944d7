import type { ControllerContext } from './context.ts'

/** More waiting builds than this are not remembered: their line may then come twice. */
const MOST_REMEMBERED = 10_000

/** Adds lines of Slipway's own to a build's log. */
export const say = (
  { buildLogs, now }: Pick<ControllerContext, 'buildLogs' | 'now'>,
  buildId: string,
  ...texts: string[]
) =>
  buildLogs.append(
    buildId,
    texts.map((text) => ({ at: now().toISOString(), origin: 'slipway' as const, text })),
  )

/** Tells the log of a build what it waits for: once, and again when that has changed. */
export interface Waits {
  /** Answers whether it was news. */
  say(buildId: string, reason: string): Promise<boolean>
  forget(buildId: string): void
}

export function createWaits(context: Pick<ControllerContext, 'buildLogs' | 'now'>): Waits {
  const said = new Map<string, string>()
  return {
    async say(buildId, reason) {
      if (said.get(buildId) === reason) return false
      if (said.size < MOST_REMEMBERED || said.has(buildId)) said.set(buildId, reason)
      await say(context, buildId, `-----> ${reason}`)
      return true
    },
    forget: (buildId) => void said.delete(buildId),
  }
}
