/**
 * Quantities in Kubernetes' canonical form, so that what the API server answers equals what was rendered.
 * Reference: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */

/** Millicores: 250 → "250m", 4000 → "4". */
export function cpuQuantity(millis: number): string {
  return millis % 1000 === 0 ? String(millis / 1000) : `${millis}m`
}

/** MiB: 256 → "256Mi", 8192 → "8Gi". */
export function memoryQuantity(mebibytes: number): string {
  let [amount, unit] = [mebibytes, 0]
  const units = ['Mi', 'Gi', 'Ti', 'Pi']
  while (amount > 0 && amount % 1024 === 0 && unit < units.length - 1) [amount, unit] = [amount / 1024, unit + 1]
  return amount === 0 ? '0' : `${amount}${units[unit]}`
}
