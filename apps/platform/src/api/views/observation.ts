import { type AppSummaryRow, readProcesses, scaleOf, scalesOf } from '@slipway/db'
import { type AppRef, HEALTH_STATUSES, type Health, isBuildOver, type WhyView } from '@slipway/domain'
import { z } from 'zod'
import type { ClusterObserver, ObservedApp, ObservedTarget } from '../ports.ts'

export function refOf(app: Pick<AppSummaryRow, 'slug' | 'environment'>): AppRef {
  const { environment } = app
  return {
    team: environment.project.team.slug,
    project: environment.project.slug,
    environment: environment.slug,
    app: app.slug,
  }
}

/** What the observer has to know of an app: processes are those of the current release. */
export function targetOf(app: AppSummaryRow): ObservedTarget {
  const scales = scalesOf(app.processes)
  const definitions = readProcesses(app.currentRelease?.processes ?? [])
  return {
    appId: app.id,
    ref: refOf(app),
    namespace: app.environment.namespace,
    currentRelease: app.currentReleaseNumber,
    processes: definitions.map(({ name, kind }) => ({ name, kind, ...scaleOf(scales, name) })),
  }
}

const healthSchema = z.object({
  status: z.enum(HEALTH_STATUSES),
  reason: z.string(),
  message: z.string(),
  action: z.string().nullable(),
})
const whySchema = z.object({
  sentence: z.string(),
  action: z.string(),
  logTail: z.array(z.string()),
  instance: z.string().nullable(),
  process: z.string().nullable(),
  build: z.number().nullable(),
})

/** The last that was stored, for as long as nothing is observed. */
function storedObservation(app: AppSummaryRow): ObservedApp {
  const unknown: Health = {
    status: 'Unknown',
    reason: 'NotObserved',
    message: 'The cluster has not answered yet.',
    action: 'Wait a moment. If it stays, check that the cluster is running.',
  }
  return {
    health: healthSchema.safeParse(app.health).data ?? unknown,
    why: whySchema.nullable().safeParse(app.why).data ?? null,
    servingRelease: app.servingReleaseNumber,
    instances: [],
    ready: {},
  }
}

/** Health of an app that has no release: it waits for one, builds its first, or could not. */
function healthWithoutRelease(app: AppSummaryRow): { health: Health; why: Omit<WhyView, 'logTail'> | null } {
  const build = app.builds[0]
  if (build && !isBuildOver(build.status)) {
    const message = `Build ${build.number} is ${build.status}; nothing runs yet.`
    return { health: { status: 'Progressing', reason: 'Building', message, action: null }, why: null }
  }
  if (build && (build.status === 'failed' || build.status === 'timed_out')) {
    const sentence = build.failure ?? `Build ${build.number} failed.`
    const action = 'Read the build log, fix the cause and push again.'
    const health: Health = { status: 'Degraded', reason: 'BuildFailed', message: sentence, action }
    return { health, why: { sentence, action, instance: null, process: null, build: build.number } }
  }
  const action = app.sourceKind === 'git' ? 'Push your code to deploy it.' : 'Deploy an image.'
  const message =
    app.releaseCount === 0 ? 'Nothing has been deployed yet.' : 'No release is wanted: the last one was cancelled.'
  return { health: { status: 'Suspended', reason: 'NotDeployed', message, action }, why: null }
}

/** What is to be said of an app now: from the informer caches, the database where these can not say. */
export function observe(
  cluster: ClusterObserver,
  app: AppSummaryRow,
): { target: ObservedTarget; observed: ObservedApp } {
  const target = targetOf(app)
  const observed = cluster.observeApp(target) ?? storedObservation(app)
  if (app.currentReleaseNumber !== null) return { target, observed }
  const { health, why } = healthWithoutRelease(app)
  return { target, observed: { ...observed, health, why: why && { ...why, logTail: [] } } }
}
