import {
  type EnvironmentWithPlace,
  findEnvironment,
  observeEnvironment,
  readPullCredentials,
  removeDeletedEnvironment,
} from '@slipway/db'
import type { PullCredential } from '@slipway/domain'
import { PULL_SECRET, pullServiceAccount, renderEnvironment } from '@slipway/manifests'
import type { ReconcileResult } from '@slipway/reconcile'
import { credentialsOf } from '../registry-settings.ts'
import type { ControllerContext } from './context.ts'
import { isOwn } from './ownership.ts'

const WAIT_FOR_NAMESPACE_MS = 2000

/** Namespace, quota, limits and network policies of one environment; or their end. */
export async function reconcileEnvironment(
  context: ControllerContext,
  id: string,
): Promise<ReconcileResult | undefined> {
  const environment = await findEnvironment(context.db, id)
  if (environment === null) return undefined
  if (environment.deletedAt !== null) return removeEnvironment(context, environment)
  const { project } = environment
  const { team } = project
  const place = {
    team: team.slug,
    project: project.slug,
    environment: environment.slug,
    namespace: environment.namespace,
  }
  const pullCredentials = await pullCredentialsOf(context, id, team.id)
  const objects = renderEnvironment({
    ...place,
    // Without an allocation the team's own limit stands: no environment may hold more than the team has.
    limits: {
      cpuMillis: environment.limitCpuMillis ?? team.limitCpuMillis,
      memoryMiB: environment.limitMemoryMiB ?? team.limitMemoryMiB,
      instances: environment.limitInstances ?? team.limitInstances,
    },
    pullCredentials,
    ingressNamespace: context.settings.ingressNamespace,
    egress: context.settings.egress,
    podSecurity: context.settings.podSecurity,
  })
  await context.applier.apply(objects)
  context.environments.prepared(place.namespace)
  if (pullCredentials.length === 0) await removePullSecret(context, place)
  if (environment.observedGeneration !== environment.generation) {
    await observeEnvironment(context.db, id, environment.generation)
  }
  return undefined
}

/**
 * Our own registry takes the environment's. Of others the installation's credentials pull what was built, unless the team has
 * some of its own.
 */
async function pullCredentialsOf(
  { db, registry, settings }: ControllerContext,
  environmentId: string,
  teamId: string,
): Promise<PullCredential[]> {
  const sources = [
    registry?.credentials.of('environment', environmentId) ?? [],
    await readPullCredentials(db, teamId),
    credentialsOf(settings.registryConfig),
  ]
  const byHost = new Map(sources.reverse().flatMap((some) => some.map((each) => [each.host, each])))
  return [...byHost.values()]
}

/** After a team's last credentials are gone. Detached first: a pod must never name a secret that is not there. */
async function removePullSecret(
  { applier, caches, cluster }: ControllerContext,
  place: Parameters<typeof pullServiceAccount>[0],
): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Secret', namespace: place.namespace, name: PULL_SECRET }
  if (caches.find(ref) === undefined) return
  await applier.apply([pullServiceAccount(place, false)])
  await cluster.delete(ref)
}

/** Apps go first and wake this again; then the namespace with all that is left in it; the row last. */
async function removeEnvironment(
  context: ControllerContext,
  environment: EnvironmentWithPlace,
): Promise<ReconcileResult | undefined> {
  if (environment._count.apps > 0) return undefined
  const ref = { apiVersion: 'v1', kind: 'Namespace', name: environment.namespace }
  if (
    (await context.cluster.get(ref)) !== null &&
    (await isOwn(context.cluster, environment.namespace, context.owner))
  ) {
    await context.cluster.delete(ref, { propagation: 'Background' })
    return { requeueAfterMs: WAIT_FOR_NAMESPACE_MS }
  }
  const gone = await removeDeletedEnvironment(context.db, environment.id)
  return gone ? undefined : { requeueAfterMs: WAIT_FOR_NAMESPACE_MS }
}
