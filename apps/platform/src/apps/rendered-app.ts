import { type Database, getRelease, readReleaseEnvironment, type WantedApp, wantedAtRelease } from '@slipway/db'
import { AppError, type AppToRender, rolloutOfRelease, type TrackToRender, tracksOf } from '@slipway/domain'
import { type KubeObject, renderApp } from '@slipway/manifests'
import type { PlatformSettings } from '../env.ts'
import { routeOf } from '../env-routing.ts'
import type { ManifestReader } from '../ports/manifests.ts'
import { hostnamesOf } from './address.ts'
import type { AppState } from './app-state.ts'

/** What an app's objects follow from, but for the releases' config, which never changes. */
type Inputs = Omit<AppToRender, 'tracks'> & { tracks: Omit<TrackToRender, 'config'>[] }

/** The deployed release with the app's present scale; null when there is none. */
export function inputsOf(app: WantedApp, settings: PlatformSettings): Inputs | null {
  const release = app.deployed
  if (release === null) return null
  const route = routeOf(settings)
  return {
    ...app.ref,
    appId: app.id,
    namespace: app.namespace,
    tracks: tracksOf(rolloutOfRelease(release)).map(({ track, weight }) => ({
      ...{ track, weight, release: release.number, image: release.image, processes: release.processes },
      // Images of the native builder have a user of their own; a Dockerfile's may be root.
      runsAsNonRoot: settings.podSecurity === 'restricted' || release.isNative,
    })),
    hostnames: route === null ? [] : hostnamesOf(settings, app),
    route,
  }
}

/** Decrypts the release's config and renders; nothing when nothing is deployed. */
export async function renderWanted(db: Database, settings: PlatformSettings, app: WantedApp): Promise<KubeObject[]> {
  const inputs = inputsOf(app, settings)
  if (inputs === null) return []
  const tracks = inputs.tracks.map(async (track) => {
    const release = await getRelease(db, app.id, track.release)
    return { ...track, config: readReleaseEnvironment(db, release) }
  })
  return renderApp({ ...inputs, tracks: await Promise.all(tracks) })
}

/** Renders releases as the reconciler does, also those that do not run. */
export function createManifestReader(
  db: Database,
  settings: PlatformSettings,
  apps: Pick<AppState, 'wanted'>,
): ManifestReader {
  return {
    async ofRelease(appId, release) {
      const app = apps.wanted(appId)
      if (app === undefined) throw new AppError('not_found', 'This app has been deleted.')
      return renderWanted(db, settings, await wantedAtRelease(db, app, release))
    },
  }
}
