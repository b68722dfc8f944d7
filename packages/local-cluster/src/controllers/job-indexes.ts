import type { Pod } from '../types/pod.ts'
import type { Job } from './job-objects.ts'

export const INDEX_KEY = 'batch.kubernetes.io/job-completion-index'
/** How often pods of the index had failed before this one. */
export const FAILURES_ANNOTATION = 'batch.kubernetes.io/job-index-failure-count'

export const isIndexed = (job: Job) => job.spec.completionMode === 'Indexed'

/** The pod's index, null for a pod without one. */
export function indexOf(pod: Pod): number | null {
  const text = pod.metadata.annotations?.[INDEX_KEY]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null
}

/** `1,3-5` as numbers; what is not a number is passed over. */
export function parseIndexes(text = ''): Set<number> {
  const out = new Set<number>()
  for (const [, first, last = first] of text.matchAll(/(\d+)(?:-(\d+))?/g)) {
    for (let index = Number(first); index <= Number(last); index += 1) out.add(index)
  }
  return out
}

/** Numbers as `1,3-5`: two in a row are `1,2`, as Kubernetes writes them. */
export function formatIndexes(indexes: Iterable<number>): string {
  const parts: string[] = []
  const sorted = [...new Set(indexes)].sort((a, b) => a - b)
  for (let start = 0; start < sorted.length; ) {
    let end = start
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end += 1
    const [first, last] = [sorted[start], sorted[end]]
    if (end === start) parts.push(String(first))
    else parts.push(end === start + 1 ? `${first},${last}` : `${first}-${last}`)
    start = end + 1
  }
  return parts.join(',')
}

/** Failures of an index so far, from the pods that say how many there were before them. */
export function failuresOfIndex(pods: readonly Pod[], index: number, counts: (pod: Pod) => boolean): number {
  const failed = pods.filter((pod) => indexOf(pod) === index && counts(pod))
  return Math.max(0, ...failed.map((pod) => Number(pod.metadata.annotations?.[FAILURES_ANNOTATION] ?? 0) + 1))
}
