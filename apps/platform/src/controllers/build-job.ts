import { type BuildWithPlace, readBuildVars, writeBuildPlan } from '@slipway/db'
import type { BuildStrategy } from '@slipway/domain'
import { type KubeObject, Pods } from '@slipway/kube'
import { type BuildToRender, buildSecretNames, renderBuildJob } from '@slipway/manifests'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { PreparedBuild } from '../builds/prepare.ts'
import { privateEndpoints } from '../builds/private-endpoints.ts'
import type { Kube } from '../live/informers.ts'
import { withCredentials } from '../registry-settings.ts'
import { jobRefOf, placeOf } from './build-row.ts'
import type { ControllerContext } from './context.ts'
import { assertOwn } from './ownership.ts'

/**
 * What a build reserves, and what it may take. Little is reserved, so that builds go on where apps fill a small node;
 * bundlers take gigabytes for a moment.
 */
const BUILD_SIZE = {
  requests: { cpuMillis: 200, memoryMiB: 256 },
  limits: { cpuMillis: 4000, memoryMiB: 4096 },
} as const
const LOCAL_BUILDER_IMAGE = 'slipway.internal/builder'
const JOB = { apiVersion: 'batch/v1', kind: 'Job' } as const

/** Writes how the build is made, then makes its Job and the Secrets that only it may read. */
export async function startJob(
  context: ControllerContext,
  build: BuildWithPlace,
  prepared: PreparedBuild,
): Promise<void> {
  const { cluster, db } = context
  const { settings, strategy, slipwayFile } = prepared
  await writeBuildPlan(db, build.id, { settings, strategy, slipwayFile })
  const vars = await readBuildVars(db, build.appId, settings.buildVars)
  const reach = await privateEndpoints(context.settings, context.internalUrl())
  const job = { ...toRender(context, build, prepared, vars), reach }
  let uid: string | null = null
  for (const object of renderBuildJob(job)) {
    if (object.kind === 'Namespace') await assertOwn(cluster, object.metadata.name, context.owner)
    const answer = await cluster.apply<KubeObject>(object)
    if (answer.kind === 'Job') uid = answer.metadata.uid ?? null
  }
  for (const object of renderBuildJob(job, uid)) if (object.kind === 'Secret') await cluster.apply(object)
}

function toRender(
  context: ControllerContext,
  build: BuildWithPlace,
  { settings, strategy, language, slipwayFile }: PreparedBuild,
  vars: Readonly<Record<string, string>>,
): Omit<BuildToRender, 'reach'> {
  const { settings: platform, sourceTokens } = context
  return {
    ...placeOf(build),
    build: build.number,
    buildId: build.id,
    installation: platform.installation,
    strategy,
    clusterKind: platform.clusterKind,
    platformNamespace: platform.platformNamespace,
    egress: platform.egress,
    settings,
    processes: slipwayFile?.processes ?? {},
    vars,
    commit: build.commit,
    branch: build.branch,
    baseImages: platform.baseImages,
    registryConfig: registryConfigOf(context, build.id),
    builderImage: builderImageOf(platform.builderImage, strategy, language),
    sourceUrl: `${context.internalUrl()}/internal/builds/${build.id}/source`,
    sourceToken: sourceTokens.tokenOf(build.id),
    registryPushUrl: platform.registryPushUrl ?? '',
    imagePrefix: platform.registry ?? '',
    // Shared by the builds of one app; removed apps leave theirs to the cache's own limit.
    cacheKey: settings.cacheVersion === 0 ? build.appId : `${build.appId}-${settings.cacheVersion}`,
    timeoutSeconds: Math.max(1, Math.ceil(platform.buildTimeoutMs / 1000)),
    ...BUILD_SIZE,
  }
}

/** Our own registry takes credentials of this build alone. */
function registryConfigOf({ registry, settings }: ControllerContext, buildId: string): string | null {
  if (registry === null) return settings.registryConfig
  return withCredentials(settings.registryConfig, registry.credentials.of('build', buildId))
}

/** `{language}` and `{strategy}` in the pattern; for the strategies that know no language the word is the strategy's. */
function builderImageOf(pattern: string | null, strategy: BuildStrategy, language: string | null): string {
  const word = strategy === 'native' ? (language ?? strategy) : strategy
  return (pattern ?? LOCAL_BUILDER_IMAGE).replaceAll('{language}', word).replaceAll('{strategy}', strategy)
}

/** A build's Job and pods as the caches have them; the API server is asked for a Job that they do not know. */
export async function readJob(
  { caches, cluster, settings }: ControllerContext,
  build: BuildWithPlace,
): Promise<{ job: Kube<Job>; pods: Kube<Pod>[] } | null> {
  const ref = jobRefOf(build, settings)
  if (ref === null) return null
  const job = caches.job(ref.namespace, ref.name) ?? (await cluster.get<Kube<Job>>({ ...JOB, ...ref }))
  return job === null ? null : { job, pods: caches.podsOfJob(ref.namespace, ref.name) }
}

/** The same from the API server itself: a watch that is late must not decide over a build. */
export async function readJobNow(
  { cluster, settings }: ControllerContext,
  build: BuildWithPlace,
): Promise<{ job: Kube<Job>; pods: Kube<Pod>[] } | null> {
  const ref = jobRefOf(build, settings)
  if (ref === null) return null
  const job = await cluster.get<Kube<Job>>({ ...JOB, ...ref })
  if (job === null) return null
  const labelSelector = `batch.kubernetes.io/job-name=${ref.name}`
  const { items } = await cluster.list<Kube<Pod>>(Pods, { namespace: ref.namespace, labelSelector })
  return { job, pods: items }
}

/** Deletes a build's Job, its pods after it, and its Secrets. What is not there is fine. */
export async function deleteJob({ cluster, settings }: ControllerContext, build: BuildWithPlace): Promise<void> {
  const ref = jobRefOf(build, settings)
  if (ref === null) return
  const { namespace } = ref
  await cluster.delete({ ...JOB, ...ref }, { propagation: 'Background' })
  for (const secret of Object.values(buildSecretNames({ ...placeOf(build), build: build.number }))) {
    await cluster.delete({ apiVersion: 'v1', kind: 'Secret', namespace, name: secret })
  }
}
