import { createHash } from 'node:crypto'
import type { PodTemplate } from './objects.ts'
import { sorted } from './replicaset.ts'

/** Label by which the pods of one ReplicaSet are told from those of another. */
export const HASH_LABEL = 'pod-template-hash'

/** Kubernetes' alphabet without vowels, so that no word comes out. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/** The template as text, without the hash that the controller itself puts on. */
export function canonicalTemplate(template: PodTemplate): string {
  const { [HASH_LABEL]: _hash, ...labels } = template.metadata?.labels ?? {}
  const { creationTimestamp: _time, ...metadata } = { ...template.metadata } as Record<string, unknown>
  return JSON.stringify(sorted({ ...template, metadata: { ...metadata, labels } }))
}

/** Ten letters that stand for the text; another `collisions` gives others. */
export function shortHash(text: string, collisions = 0): string {
  const digest = createHash('sha256').update(text)
  if (collisions > 0) digest.update(String(collisions))
  return [...digest.digest().subarray(0, 10)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')
}

export const templateHash = (template: PodTemplate) => shortHash(canonicalTemplate(template))
