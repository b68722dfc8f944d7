import { createHash } from 'node:crypto'
import type { PodTemplate } from '../types/pod.ts'
import { sorted } from '../types/sorted.ts'

/** Label by which the pods of one ReplicaSet are told from those of another. */
export const HASH_LABEL = 'pod-template-hash'

/** The template as text, without the hash that the controller itself puts on. */
export function canonicalTemplate(template: PodTemplate): string {
  const known = texts.get(template)
  if (known !== undefined) return known
  const text = textOf(template)
  // What is stored never changes, and stays the same object while it is the same.
  if (Object.isFrozen(template)) texts.set(template, text)
  return text
}

const texts = new WeakMap<PodTemplate, string>()

function textOf(template: PodTemplate): string {
  const { [HASH_LABEL]: _hash, ...labels } = template.metadata?.labels ?? {}
  const { creationTimestamp: _time, ...metadata } = { ...template.metadata } as Record<string, unknown>
  return JSON.stringify(sorted({ ...template, metadata: { ...metadata, labels } }))
}

/** Kubernetes writes the ten digits as letters and digits that make no words: its safe alphabet, by their character codes. */
const DIGITS = '456789bcdf'

/** Up to ten letters that stand for the text, in the form of Kubernetes' hashes: 32 bits in decimal. Another `collisions` gives others. */
export function shortHash(text: string, collisions = 0): string {
  const hash = createHash('sha256').update(text)
  if (collisions > 0) hash.update(String(collisions))
  return String(hash.digest().readUInt32BE()).replaceAll(/\d/g, (digit) => DIGITS[Number(digit)] ?? '')
}

export const templateHash = (template: PodTemplate) => shortHash(canonicalTemplate(template))
