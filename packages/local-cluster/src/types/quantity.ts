/**
 * resource.Quantity: fixed-point numbers with a suffix, in the one canonical form Kubernetes stores.
 * Reference: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

export interface Quantity {
  /** The number times 10^9: Kubernetes keeps no finer fraction and rounds up to it. */
  nano: bigint
  format: QuantityFormat
}

export const quantitySyntaxMessage =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

const syntax = /^([+-]?)(\d+\.?\d*|\.\d+)(?:(Ki|Mi|Gi|Ti|Pi|Ei)|([numkMGTPE]?)|[eE]([+-]?\d{1,3}))$/
const binaryExponent: Record<string, bigint> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n }
const decimalExponent: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const nanoDigits = 9
const longestText = 64

/** The parsed quantity, or null where the text is not one. Numbers are taken as their decimal text. */
export function parseQuantity(value: string | number): Quantity | null {
  const text = String(value)
  const match = text.length > longestText ? null : syntax.exec(text)
  if (match === null) return null
  const [, sign, digits = '', binary, decimal, exponent] = match
  const [whole = '', fraction = ''] = digits.split('.')
  const format = binary !== undefined ? 'BinarySI' : exponent !== undefined ? 'DecimalExponent' : 'DecimalSI'
  const powerOfTen = exponent === undefined ? (decimalExponent[decimal ?? ''] ?? 0) : Number(exponent)
  const unscaled = BigInt(whole + fraction || '0') << (binary === undefined ? 0n : (binaryExponent[binary] ?? 0n))
  const shift = nanoDigits + powerOfTen - fraction.length
  if (Math.abs(shift) > 400) return null
  const nano = shift >= 0 ? unscaled * 10n ** BigInt(shift) : divideUp(unscaled, 10n ** BigInt(-shift))
  return { nano: sign === '-' ? -nano : nano, format }
}

/** Division of non-negative numbers that rounds up, as Quantity does with fractions it cannot keep. */
function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor
}

const one = 10n ** BigInt(nanoDigits)
const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** The canonical text: the largest suffix that leaves a whole number. */
export function formatQuantity(quantity: Quantity): string {
  const negative = quantity.nano < 0n
  const nano = negative ? -quantity.nano : quantity.nano
  if (nano === 0n) return '0'
  const sign = negative ? '-' : ''
  const binary = quantity.format === 'BinarySI' && nano >= 1024n * one
  if (binary) {
    const [mantissa, step] = reduce(divideUp(nano, one), 1024n, binarySuffixes.length - 1)
    return `${sign}${mantissa}${binarySuffixes[step]}`
  }
  if (quantity.format === 'DecimalExponent') {
    const [mantissa, step] = reduce(nano, 1000n, Number.MAX_SAFE_INTEGER)
    const exponent = step * 3 - nanoDigits
    return `${sign}${mantissa}${exponent === 0 ? '' : `e${exponent}`}`
  }
  const [mantissa, step] = reduce(nano, 1000n, decimalSuffixes.length - 1)
  return `${sign}${mantissa}${decimalSuffixes[step]}`
}

function reduce(value: bigint, base: bigint, mostSteps: number): [bigint, number] {
  let mantissa = value
  let step = 0
  while (step < mostSteps && mantissa !== 0n && mantissa % base === 0n) {
    mantissa /= base
    step += 1
  }
  return [mantissa, step]
}

export const zeroQuantity: Quantity = { nano: 0n, format: 'DecimalSI' }

/** The sum, in the format of the first summand that is not zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format }
}

export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0
}

/** A quantity of an object that was validated; text that is not one counts as zero. */
export function quantityOf(value: unknown): Quantity {
  return (typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : null) ?? zeroQuantity
}
