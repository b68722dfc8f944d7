/**
 * Kubernetes quantities, read and written. Text that is no quantity reads as null; callers decide what that means. An absent
 * quantity is 0, as in Kubernetes, where nothing is requested or limited by what is not set.
 * Reference: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
} // biome-ignore format: a table

const SYNTAX = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d{1,3})|([KMGTPE]i|[numkMGTPE]?))$/

/** The plain number of a quantity, in cores, bytes or pieces; null where the text is none. Exact to some 15 digits. */
export function parseQuantity(text: string): number | null {
  const [, digits, exponent, suffix = ''] = SYNTAX.exec(text) ?? []
  if (digits === undefined) return null
  const number = exponent === undefined ? Number(digits) * (FACTORS[suffix] ?? 1) : Number(`${digits}e${exponent}`)
  return Number.isFinite(number) ? number : null
}

/** Rounds up, but not what only floating point added; `+ 0` makes -0 a 0. */
const roundUp = (amount: number | null, noise: number) => (amount === null ? null : Math.ceil(amount - noise) + 0)

/** Millicores, rounded up as Kubernetes does; null where the text is no quantity. */
export function parseCpuMillis(text: string): number | null {
  const cores = parseQuantity(text)
  return roundUp(cores === null ? null : cores * 1000, 1e-6)
}

/** MiB, rounded up; null where the text is no quantity. */
export function parseMemoryMiB(text: string): number | null {
  const bytes = parseQuantity(text)
  return roundUp(bytes === null ? null : bytes / 2 ** 20, 1e-9)
}

/** Millicores in canonical form, so that what the API server answers equals what was rendered: 250 → "250m", 4000 → "4". */
export function cpuQuantity(millis: number): string {
  return millis % 1000 === 0 ? String(millis / 1000) : `${millis}m`
}

/** MiB in canonical form: 256 → "256Mi", 8192 → "8Gi". */
export function memoryQuantity(mebibytes: number): string {
  let [amount, unit] = [mebibytes, 0]
  const units = ['Mi', 'Gi', 'Ti', 'Pi']
  while (amount > 0 && amount % 1024 === 0 && unit < units.length - 1) [amount, unit] = [amount / 1024, unit + 1]
  return amount === 0 ? '0' : `${amount}${units[unit]}`
}
