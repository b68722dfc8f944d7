import type { BuildWithPlace } from '@slipway/db'
import type { AppRef } from '@slipway/domain'
import { type BuildOwner, buildJobName, buildNamespaceOf } from '@slipway/manifests'
import { z } from 'zod'

const strategySchema = z.enum(['native', 'dockerfile', 'buildpacks'])

export function placeOf(build: BuildWithPlace): AppRef {
  const { environment } = build.app
  return {
    team: environment.project.team.slug,
    project: environment.project.slug,
    environment: environment.slug,
    app: build.app.slug,
  }
}

/** Where a build's Job is; null while its strategy, and with it the namespace, is not chosen. */
export function jobRefOf(build: BuildWithPlace, owner: BuildOwner): { namespace: string; name: string } | null {
  const strategy = strategySchema.safeParse(build.strategy)
  if (!strategy.success) return null
  const name = buildJobName({ ...placeOf(build), build: build.number })
  return { namespace: buildNamespaceOf(strategy.data, owner), name }
}
