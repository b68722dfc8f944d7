import { type Database, getRelease, readReleaseEnvironment, type WantedApp } from '@slipway/db'
import { type AppToRender, rolloutOfRelease, type TrackToRender, tracksOf } from '@slipway/domain'
import type { KubeObject } from '@slipway/kube'
import { renderApp } from '@slipway/manifests'
import { LRUCache } from 'lru-cache'
import { hostnamesOf } from '../apps/address.ts'
import type { PlatformSettings } from '../env.ts'
import { routeOf } from '../env-routing.ts'
import type { AppliedObject, Applier } from './apply.ts'

/** Beyond this the apps that were not reconciled for longest are rendered once more. */
const MAX_KEPT = 20_000

/** What an app's objects follow from, but for the releases' config, which never changes. */
type Inputs = Omit<AppToRender, 'tracks'> & { tracks: Omit<TrackToRender, 'config'>[] }

/** What was applied for an app: without the objects, which hold its config in clear. */
interface Kept {
  inputs: string
  objects: readonly AppliedObject[]
}

/** An app is rendered, its config decrypted and its objects hashed, when what they follow from changed; not when a pod moves. */
export interface Renderings {
  /** What is wanted of an app is applied already, as these objects; null: render it. */
  applied(app: WantedApp): readonly AppliedObject[] | null
  /** Decrypts the release's config and renders; nothing when nothing is deployed. */
  render(app: WantedApp): Promise<KubeObject[]>
  /** Everything that `render` answered was applied. */
  keep(app: WantedApp, objects: readonly KubeObject[]): void
  forget(id: string): void
}

export function createRenderings(
  db: Database,
  settings: PlatformSettings,
  applier: Pick<Applier, 'describe' | 'isCurrent'>,
): Renderings {
  const kept = new LRUCache<string, Kept>({ max: MAX_KEPT })
  return {
    applied(app) {
      const known = kept.get(app.id)
      if (known === undefined || known.inputs !== keyOf(app, settings)) return null
      return known.objects.every((each) => applier.isCurrent(each)) ? known.objects : null
    },
    async render(app) {
      const inputs = inputsOf(app, settings)
      if (inputs === null) return []
      const tracks = inputs.tracks.map(async (track) => {
        const release = await getRelease(db, app.id, track.release)
        return { ...track, config: readReleaseEnvironment(db, release) }
      })
      return renderApp({ ...inputs, tracks: await Promise.all(tracks) })
    },
    keep: (app, objects) => void kept.set(app.id, { inputs: keyOf(app, settings), objects: applier.describe(objects) }),
    forget: (id) => void kept.delete(id),
  }
}

const keyOf = (app: WantedApp, settings: PlatformSettings) => JSON.stringify(inputsOf(app, settings))

/** The current release with the app's present scale; null when nothing is deployed. */
function inputsOf(app: WantedApp, settings: PlatformSettings): Inputs | null {
  const release = app.current
  if (release === null) return null
  const route = routeOf(settings)
  return {
    ...app.ref,
    appId: app.id,
    namespace: app.namespace,
    tracks: tracksOf(rolloutOfRelease(release)).map(({ track, weight }) => ({
      ...{ track, weight, release: release.number, image: release.image, processes: app.processes },
      // Images of the native builder have a user of their own; a Dockerfile's may be root.
      runsAsNonRoot: settings.podSecurity === 'restricted' || release.isNative,
    })),
    hostnames: route === null ? [] : hostnamesOf(settings, app),
    route,
  }
}
