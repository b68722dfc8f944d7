/** True for equal JSON. The order of keys does not count, nor does a key that is undefined. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => same(item, b[index]))
  }
  return !Array.isArray(b) && sameObject(a as Record<string, unknown>, b as Record<string, unknown>)
}

function sameObject(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  let defined = 0
  for (const key of Object.keys(a)) {
    if (a[key] === undefined) continue
    if (!Object.hasOwn(b, key) || !same(a[key], b[key])) return false
    defined += 1
  }
  for (const key of Object.keys(b)) if (b[key] !== undefined) defined -= 1
  return defined === 0
}
