import { isJsonObject } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import type { ListSchema, Schema } from '../schema/schema.ts'
import { entriesOf, fieldSchema, isAtomic, isEmpty, listElement } from './typed.ts'

/**
 * Live value with a configuration laid over it. Null does not take away what consists of parts that others may own.
 * Reference: typed.TypedValue.Merge.
 */
export function merge(schema: Schema, live: Json, config: Json): Json {
  if (config === undefined) return live
  if (isAtomic(schema) || (isEmpty(live) && isEmpty(config))) return config
  if (schema.kind === 'list') return mergeList(schema, live, config)
  const out: JsonObject = isJsonObject(live) ? { ...live } : {}
  for (const [key, value] of entriesOf(config)) {
    const below = fieldSchema(schema, key)
    out[key] = below === undefined ? value : merge(below, out[key], value)
  }
  return out
}

interface Indexed {
  items: Json[]
  elements: string[]
  /** The item of each element; null where it comes twice. */
  byElement: Map<string, Json>
}

function indexed(schema: ListSchema, list: Json): Indexed {
  const items = Array.isArray(list) ? list : []
  const elements = items.map((item) => listElement(schema, item))
  const byElement = new Map<string, Json>()
  for (const [i, element] of elements.entries()) byElement.set(element, byElement.has(element) ? null : items[i])
  return { items, elements, byElement }
}

/**
 * Members of both lists. Those that both have come in the configuration's order; those of one of them stay between their
 * neighbours, the live one's first. Reference: mergingWalker.visitListItems.
 */
function mergeList(schema: ListSchema, live: Json, config: Json): Json {
  const [left, right] = [indexed(schema, live), indexed(schema, config)]
  const shared = right.elements.filter((element) => left.byElement.has(element))
  const merged = new Set<string>()
  const out: Json[] = []
  let nextShared = shared.shift()
  let [l, r] = [0, 0]
  const take = (element: string) => {
    merged.add(element)
    out.push(mergeItem(schema, left.byElement.get(element), right.byElement.get(element)))
    r += 1
  }
  while (l < left.items.length || r < right.items.length) {
    const [mine, theirs] = [left.elements[l], right.elements[r]]
    if (mine !== undefined && theirs !== undefined) {
      if (mine === theirs) {
        take(theirs)
        l += 1
        nextShared = shared.shift()
        continue
      }
      if (right.byElement.has(mine) && nextShared !== undefined && nextShared !== mine) {
        l += 1
        continue
      }
    }
    if (mine !== undefined) {
      if (!right.byElement.has(mine)) {
        out.push(left.items[l])
        l += 1
        continue
      }
      if (merged.has(mine)) l += 1
    }
    if (theirs === undefined) continue
    take(theirs)
    if (nextShared === theirs) nextShared = shared.shift()
  }
  return out
}

function mergeItem(schema: ListSchema, live: Json, config: Json): Json {
  return schema.listType === 'map' ? merge(schema.element, live, config) : config
}
