/** Suffixes of Kubernetes quantities. Reference: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
} // biome-ignore format: a table

/** Plain number of a quantity; 0 where there is none or it can not be read. */
function quantityOf(text: string | undefined): number {
  const match = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(text ?? '')
  const factor = FACTORS[match?.[2] ?? '']
  const number = Number(match?.[1])
  return match && factor !== undefined && Number.isFinite(number) ? number * factor : 0
}

/** Millicores, rounded up as Kubernetes does. */
export const cpuMillisOf = (text: string | undefined): number => Math.ceil(quantityOf(text) * 1000 - 1e-6)
/** MiB, rounded up. */
export const memoryMiBOf = (text: string | undefined): number => Math.ceil(quantityOf(text) / 2 ** 20 - 1e-9)
