/** Prisma's include of where an app stands. */
export const APP_PLACE = { include: { environment: { include: { project: { include: { team: true } } } } } } as const

interface Placed {
  slug: string
  environment: { slug: string; project: { slug: string; team: { slug: string } } }
}

/** The names by which people know an app. */
export function refOf({ slug, environment }: Placed) {
  const { project } = environment
  return { team: project.team.slug, project: project.slug, environment: environment.slug, app: slug }
}
