import { releaseOf } from './labels.ts'
import type { KubeObject, ResourceType } from './object.ts'

/** Kinds that `renderApp` makes on every cluster, and so those among which an app's left-overs are looked for. */
export const PRUNABLE_TYPES: readonly ResourceType[] = [
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', plural: 'ingresses', namespaced: true },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets', namespaced: true },
  { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
  { apiVersion: 'v1', kind: 'Service', plural: 'services', namespaced: true },
  { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true },
]

const HTTP_ROUTES: ResourceType = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  plural: 'httproutes',
  namespaced: true,
}

/** The kinds of an installation: without a Gateway the cluster may not know HTTPRoutes. */
export const prunableTypes = (hasGateway: boolean): readonly ResourceType[] =>
  hasGateway ? [HTTP_ROUTES, ...PRUNABLE_TYPES] : PRUNABLE_TYPES

type Labelled = { metadata?: { labels?: Record<string, string> } }
type Identified = { apiVersion?: string; kind?: string; metadata?: { name?: string; labels?: Record<string, string> } }

/**
 * What is not to be pruned: everything that was rendered, and the Secrets of releases that still run. `running` is the
 * app's pods, and its ReplicaSets that want pods: a pod reads its Secret again each time its container starts, so taking
 * it away would break what still serves. Objects must carry their `kind`, which items of a list do not by themselves.
 */
export function keepOf(rendered: readonly KubeObject[], running: readonly Labelled[]): (object: Identified) => boolean {
  const names = new Set(rendered.map(({ kind, metadata }) => `${kind}/${metadata.name}`))
  const inUse = new Set(running.map(releaseOf))
  inUse.delete(null)
  return (object) =>
    names.has(`${object.kind}/${object.metadata?.name}`) || (object.kind === 'Secret' && inUse.has(releaseOf(object)))
}
