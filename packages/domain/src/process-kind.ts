/** How a kind of process behaves, as far as more than its own files depends on it. */
export interface ProcessTraits {
  /** Is told PORT, and gets requests once it listens there. The app's hosts lead to one such process. */
  isRouted: boolean
  /** Runs as many instances as it is scaled to. */
  isReplicated: boolean
  /** Each instance has a volume of its own: it ends before the next one takes it over. */
  hasStorage: boolean
  /** Its instances end by themselves. */
  ends: boolean
}

/**
 * Ways to run an image. A new one is a row here, then the compiler asks for its file in packages/manifests/src/processes and for the
 * workload it is judged by in packages/health.
 */
export const PROCESSES = {
  web: { isRouted: true, isReplicated: true, hasStorage: false, ends: false },
  worker: { isRouted: false, isReplicated: true, hasStorage: false, ends: false },
  release: { isRouted: false, isReplicated: false, hasStorage: false, ends: true },
} as const satisfies Record<string, ProcessTraits>

export type ProcessKind = keyof typeof PROCESSES
export const PROCESS_KINDS = Object.keys(PROCESSES) as ProcessKind[]

/** The kind of a process that nothing else says the kind of, as on Heroku. */
export function defaultKindOf(name: string): ProcessKind {
  return name === 'web' || name === 'release' ? name : 'worker'
}

const traitsOf = (kind: ProcessKind): ProcessTraits => PROCESSES[kind]

/** True for processes that get requests. */
export function isRouted({ kind }: { kind: ProcessKind }): boolean {
  return traitsOf(kind).isRouted
}

/** True for processes that people scale; others run when they are due, once. */
export function isReplicated({ kind }: { kind: ProcessKind }): boolean {
  return traitsOf(kind).isReplicated
}

/** True for processes whose instances end by themselves: at rest none of them runs. */
export function endsByItself({ kind }: { kind: ProcessKind }): boolean {
  return traitsOf(kind).ends
}

/** A rolling update starts at most this many instances beyond the wanted count (Deployment maxSurge). */
const ROLLING_SURGE = 1

/** Instances beyond the wanted count while a process of this kind rolls: only what can run twice side by side has any. */
export function surgeInstances(kind: ProcessKind): number {
  const { isReplicated, hasStorage, ends } = traitsOf(kind)
  return isReplicated && !hasStorage && !ends ? ROLLING_SURGE : 0
}
