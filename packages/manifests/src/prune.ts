import { releaseOf } from './labels.ts'
import type { KubeObject } from './object.ts'

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
