import type { AppRef } from '@slipway/domain'
import { type BuildOwner, buildJobName, buildNamespaceOf } from '@slipway/manifests'
import { z } from 'zod'
import type { ControllerContext } from './context.ts'

const strategySchema = z.enum(['native', 'dockerfile', 'buildpacks'])

/** A build with where its app stands. */
export function loadBuild({ db }: Pick<ControllerContext, 'db'>, id: string) {
  return db.client.build.findUnique({
    where: { id },
    include: { app: { include: { environment: { include: { project: { include: { team: true } } } } } } },
  })
}

export type BuildRow = NonNullable<Awaited<ReturnType<typeof loadBuild>>>

export function placeOf(build: BuildRow): AppRef {
  const { environment } = build.app
  return {
    team: environment.project.team.slug,
    project: environment.project.slug,
    environment: environment.slug,
    app: build.app.slug,
  }
}

/** Where a build's Job is; null while its strategy, and with it the namespace, is not chosen. */
export function jobRefOf(build: BuildRow, owner: BuildOwner): { namespace: string; name: string } | null {
  const strategy = strategySchema.safeParse(build.strategy)
  if (!strategy.success) return null
  const name = buildJobName({ ...placeOf(build), build: build.number })
  return { namespace: buildNamespaceOf(strategy.data, owner), name }
}
