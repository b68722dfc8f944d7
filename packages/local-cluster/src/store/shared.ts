import type { Json } from '../types/objects.ts'

/**
 * The value as it is kept: frozen all the way down, without undefined keys, and sharing with `previous` whatever is equal to it.
 * So a new status does not bring a second copy of the spec into memory, and what did not change is the same object.
 * What is frozen came from here: it is taken as it is.
 */
export function shared(value: Json, previous: Json): Json {
  if (typeof value !== 'object' || value === null) return value === undefined ? null : value
  if (value === previous || Object.isFrozen(value)) return value
  return Array.isArray(value) ? sharedList(value, previous) : sharedObject(value, previous)
}

function sharedList(value: Json[], previous: Json): Json[] {
  const before = Array.isArray(previous) ? previous : []
  let same = Array.isArray(previous) && before.length === value.length
  const out: Json[] = []
  for (let index = 0; index < value.length; index += 1) {
    const kept = shared(value[index], before[index])
    out.push(kept)
    if (kept !== before[index]) same = false
  }
  return same ? before : (Object.freeze(out) as Json[])
}

function sharedObject(value: { [key: string]: Json }, previous: Json): { [key: string]: Json } {
  const known = typeof previous === 'object' && previous !== null && !Array.isArray(previous)
  const before = known ? previous : {}
  // Equal only with its keys in the same order: the text on disk is made of it.
  const order = known ? Object.keys(before) : []
  let same = known
  let count = 0
  const out: { [key: string]: Json } = {}
  for (const key of Object.keys(value)) {
    const child = value[key]
    if (child === undefined) continue
    const kept = shared(child, Object.hasOwn(before, key) ? before[key] : undefined)
    // A plain assignment would take `__proto__` for something else than a key.
    if (key === '__proto__') Object.defineProperty(out, key, { value: kept, enumerable: true })
    else out[key] = kept
    if (order[count] !== key || kept !== before[key]) same = false
    count += 1
  }
  return same && count === order.length ? before : Object.freeze(out)
}
