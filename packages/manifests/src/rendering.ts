import type { AppToRender, RenderedProcess, TrackToRender } from '@slipway/domain'

/** One track of an app with what all its tracks share. */
export interface Rendering extends Omit<AppToRender, 'tracks'>, TrackToRender {
  /** The only release whose pods its Services lead to; null: all that their selectors find. */
  servedRelease: number | null
}

/** Whether each track has Services of its own, among which the route shares requests by weight. */
const hasServicesByTrack = ({ route }: Pick<AppToRender, 'route'>) => route?.kind === 'gateway'

/**
 * Pods of the stable track carry no label that tells their track, so beside a candidate their Services go by the release: by each
 * track's own where the route has weights, else by that of the one track that gets requests, or by none where both do.
 */
function servedRelease(app: AppToRender, { track, release }: TrackToRender): number | null {
  if (app.tracks.length === 1 || track !== 'stable') return null
  if (hasServicesByTrack(app)) return release
  const [served, ...others] = app.tracks.filter(({ weight }) => weight > 0)
  return others.length > 0 ? null : (served?.release ?? release)
}

/** The tracks of an app, stable first: what serves already is applied first. */
export function renderingsOf(app: AppToRender): Rendering[] {
  const { tracks, ...shared } = app
  const inOrder = [...tracks].sort((a, b) => Number(a.track === 'candidate') - Number(b.track === 'candidate'))
  return inOrder.map((track) => ({ ...shared, ...track, servedRelease: servedRelease(app, track) }))
}

/** A process with the track that renders it. */
export interface Placed {
  app: Rendering
  process: RenderedProcess
}

/** Every process of every track. */
export const workloadsOf = (renderings: readonly Rendering[]): Placed[] =>
  renderings.flatMap((app) => app.processes.map((process) => ({ app, process })))

/** Each process once, under its stable name, with the instances of all tracks: what stands for both tracks together. */
export function sharedOf(renderings: readonly Rendering[]): Placed[] {
  const all = workloadsOf(renderings)
  const stable = renderings.find(({ track }) => track === 'stable')
  const names = [...new Set(all.map(({ process }) => process.name))]
  return names.flatMap((name) => {
    const same = all.filter(({ process }) => process.name === name)
    const [first] = same
    if (first === undefined) return []
    const instances = same.reduce((sum, { process }) => sum + process.instances, 0)
    const app: Rendering = { ...first.app, track: 'stable', servedRelease: stable?.servedRelease ?? null }
    return [{ app, process: { ...first.process, instances } }]
  })
}

/** The processes that have Services: by track where the route weighs them, else shared. */
export function servedOf(renderings: readonly Rendering[]): Placed[] {
  const [first] = renderings
  return first && hasServicesByTrack(first) ? workloadsOf(renderings) : sharedOf(renderings)
}
