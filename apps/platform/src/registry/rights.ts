import { type Database, findBuildingApp, findEnvironmentApps, hasReleaseOf } from '@slipway/db'
import { BASE_REPOSITORY, imageRepositoryOf } from '@slipway/manifests'
import type { RegistryUser } from './credentials.ts'
import type { Access } from './token-key.ts'

/** Where images are in the registry. */
export interface RegistryPlaces {
  /** Path that every repository of ours begins with; empty: none. */
  path: string
  /** Names of repositories that builds read: those of base images and builders which are in our registry. */
  buildReads: readonly RegExp[]
}

/** Actions within one repository. */
type Allows = (repository: string) => readonly string[] | Promise<readonly string[]>

/**
 * What a build or an environment may do of that which a client asks for; null: the credentials are good no more.
 * A build pushes to its app's repository, for as long as it lasts. An environment pulls what its apps run: their own repositories,
 * which siblings in other environments share, and what its releases name.
 */
export async function accessOf(
  db: Database,
  places: RegistryPlaces,
  { user, id }: { user: RegistryUser; id: string },
  wanted: readonly Access[],
): Promise<Access[] | null> {
  const allows = await (user === 'build' ? ofBuild(db, places, id) : ofEnvironment(db, places, id))
  return allows === null ? null : granted(wanted, allows)
}

async function granted(wanted: readonly Access[], allows: Allows): Promise<Access[]> {
  const all = wanted.map(async ({ type, name, actions }) => {
    const allowed = type === 'repository' ? await allows(name) : []
    return { type, name, actions: actions.filter((action) => allowed.includes(action)) }
  })
  return (await Promise.all(all)).filter(({ actions }) => actions.length > 0)
}

const below = (path: string, name: string) => (path === '' ? name : `${path}/${name}`)

async function ofBuild(db: Database, { path, buildReads }: RegistryPlaces, id: string): Promise<Allows | null> {
  const app = await findBuildingApp(db, id)
  if (app === null) return null
  // Base layers are found by their digests alone, so what a build puts there changes nobody else's image.
  const own = [imageRepositoryOf(app), BASE_REPOSITORY].map((name) => below(path, name))
  return (repository) => {
    if (own.includes(repository)) return ['pull', 'push']
    return buildReads.some((pattern) => pattern.test(repository)) ? ['pull'] : []
  }
}

async function ofEnvironment(db: Database, { path }: RegistryPlaces, id: string): Promise<Allows | null> {
  const found = await findEnvironmentApps(db, id)
  if (found === null) return null
  const { team, project, apps } = found
  const own = apps.map((app) => below(path, imageRepositoryOf({ team, project, app })))
  const isOthers = (repository: string) =>
    repository.startsWith(below(path, '')) && !repository.startsWith(below(path, `${team}/`))
  return async (repository) => {
    if (own.includes(repository)) return ['pull']
    return !isOthers(repository) && (await hasReleaseOf(db, id, repository)) ? ['pull'] : []
  }
}
