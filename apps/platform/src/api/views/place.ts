import type { AppScope } from '../../auth/scope.ts'
import type { AppPlace } from '../../ports/logs.ts'

/** Where the pods of the app in question are. */
export function placeOf({ team, project, environment, app }: AppScope): AppPlace {
  const ref = { team: team.slug, project: project.slug, environment: environment.slug, app: app.slug }
  return { id: app.id, ref, namespace: environment.namespace }
}
