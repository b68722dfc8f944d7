import type { ImageProcess } from './strategies/strategy.ts'

/** What a build leaves behind as its container's termination message. */
export type BuildOutcome =
  | { image: string; processes: readonly ImageProcess[]; notes?: readonly string[] }
  | { failure: string; action: string }

/** Longest message that the kubelet keeps, in bytes. */
const MAX_BYTES = 4096
const MAX_SENTENCE_CHARS = 1200

/**
 * The outcome as JSON that fits: notes go first, then sentences are cut. A message that the kubelet would cut could not be read
 * at all. Reference: https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/
 */
export function terminationMessage(outcome: BuildOutcome): string {
  const whole = JSON.stringify(outcome)
  if (Buffer.byteLength(whole) <= MAX_BYTES) return whole
  if ('failure' in outcome) {
    return JSON.stringify({ failure: cut(outcome.failure), action: cut(outcome.action).slice(0, 300) })
  }
  const { image, processes } = outcome
  return JSON.stringify({ image, processes })
}

const cut = (text: string) => (text.length > MAX_SENTENCE_CHARS ? `${text.slice(0, MAX_SENTENCE_CHARS)}…` : text)
