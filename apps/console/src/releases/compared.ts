/** Two releases to compare, as an address has them: "v3..v7". */
export interface Compared {
  from: number
  to: number
}

/** Reads `?compare=`; null where it says nothing of the kind. */
export function parseCompared(text: string): Compared | null {
  const match = /^v([1-9]\d{0,8})\.\.v([1-9]\d{0,8})$/.exec(text)
  return match ? { from: Number(match[1]), to: Number(match[2]) } : null
}

export const formatCompared = ({ from, to }: Compared): string => `v${from}..v${to}`

/** With what a release is compared first: with what runs, or, where it runs itself, with the one before it. Null: with none. */
export function comparedWith(release: number, current: number | null): Compared | null {
  if (current !== null && current !== release) return { from: release, to: current }
  return release > 1 ? { from: release - 1, to: release } : null
}
