import { isRouted, type ProcessKind } from '@slipway/domain'
import { releaseOf } from './labels.ts'
import { isReady } from './pod-state.ts'
import type { ObservedProcess } from './process.ts'

/** Named in one sentence at most. */
const NAMED_MAX = 4

/** Ready instances by release, newest release first. */
export function readyByRelease({ pods }: Pick<ObservedProcess, 'pods'>): { release: number; ready: number }[] {
  const counts = new Map<number, number>()
  for (const pod of pods.filter(isReady)) {
    const release = releaseOf(pod)
    if (release !== null) counts.set(release, (counts.get(release) ?? 0) + 1)
  }
  return [...counts].map(([release, ready]) => ({ release, ready })).sort((a, b) => b.release - a.release)
}

/** The processes whose instances decide whether a release serves: those with traffic, or all where none has any. */
function serving(processes: readonly ObservedProcess[]): ObservedProcess[] {
  const wanted = processes.filter(({ wanted }) => wanted > 0)
  const web = wanted.filter(isRouted)
  return web.length > 0 ? web : wanted
}

/** The newest release of which each of the serving processes has a ready instance. */
export function servingRelease(processes: readonly ObservedProcess[]): number | null {
  const [first, ...others] = serving(processes).map(
    (process) => new Set(readyByRelease(process).map(({ release }) => release)),
  )
  const common = [...(first ?? [])].filter((release) => others.every((set) => set.has(release)))
  return common.length > 0 ? Math.max(...common) : null
}

/**
 * What runs meanwhile, as a sentence that follows the cause: of all processes together where they run the same release, else of each.
 * Empty where the wanted release runs everywhere. `ending`: how it is said of one release.
 */
export function meanwhile(
  release: number,
  processes: readonly ObservedProcess[],
  ending: 'still' | 'until then',
): string {
  const running = processes.filter(({ wanted }) => wanted > 0)
  const standing = running.map((process) => ({ process, on: readyByRelease(process)[0]?.release ?? null }))
  const verb = (kind: ProcessKind) => (isRouted({ kind }) ? 'serves' : 'runs')
  const lead = serving(running)[0]?.kind ?? 'web'
  const releases = new Set(standing.map(({ on }) => on))
  if (releases.size === 1) {
    const [on = null] = releases
    if (on === null) return ending === 'still' ? ` Nothing ${verb(lead)}.` : ''
    if (on === release) return ''
    return ending === 'still' ? ` v${on} still ${verb(lead)}.` : ` v${on} ${verb(lead)} until then.`
  }
  const older = standing.some(({ on }) => on !== null && on !== release)
  if (!older) return serving(running).some((each) => readyByRelease(each).length > 0) ? '' : ` Nothing ${verb(lead)}.`
  const parts = standing.slice(0, NAMED_MAX).map(({ process: { name, kind }, on }) => {
    if (on === null) return `${name} does not ${isRouted({ kind }) ? 'serve' : 'run'}`
    return `${name} ${on === release ? '' : 'still '}${verb(kind)} v${on}`
  })
  const more = standing.length > NAMED_MAX ? `, and ${standing.length - NAMED_MAX} more` : ''
  return ` Meanwhile ${parts.join(', ')}${more}.`
}
