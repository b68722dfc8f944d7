import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../../types/objects.ts'
import type { StructSchema } from '../schema/schema.ts'
import { checkTyped } from './check.ts'
import { compare } from './compare.ts'
import { type Conflict, conflictsOf, refuse } from './conflicts.ts'
import { FieldSet } from './field-set.ts'
import { capUpdaters, type Managers, managerIdentity } from './managers.ts'
import { merge } from './merge.ts'
import { prune } from './prune.ts'
import { toFieldSet } from './to-field-set.ts'

/** Fields nobody owns: identity and what the server itself writes. */
const unmanaged = new FieldSet()
for (const path of [
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ['f:metadata', 'f:name'],
  ['f:metadata', 'f:namespace'],
  ['f:metadata', 'f:creationTimestamp'],
  ['f:metadata', 'f:selfLink'],
  ['f:metadata', 'f:uid'],
  ['f:metadata', 'f:generation'],
  ['f:metadata', 'f:managedFields'],
  ['f:metadata', 'f:resourceVersion'],
]) {
  unmanaged.insert(path)
}

export interface WriterIdentity {
  manager: string
  apiVersion: string
  subresource?: string
  /** RFC 3339, seconds. */
  time: string
}

/** Fields that the written endpoint does not touch: `status` for the object itself, `spec` for `/status`. */
export function ignoredFields(kind: string, subresource: string | undefined, hasStatus: boolean): FieldSet {
  const set = new FieldSet()
  if (subresource === 'status') {
    set.insert(['f:spec'])
    if (kind === 'Deployment') set.insert(['f:metadata', 'f:labels'])
    if (kind === 'Pod')
      for (const name of ['deletionTimestamp', 'ownerReferences']) set.insert(['f:metadata', `f:${name}`])
  } else if (hasStatus) set.insert(['f:status'])
  return set
}

/** Fields that changed hands: everybody but `self` loses what is written, and what is gone is nobody's. */
function transfer(managers: Managers, self: string | null, changed: FieldSet, removed: FieldSet): void {
  for (const [id, manager] of managers) {
    if (id === self || !(manager.set.overlaps(changed) || manager.set.overlaps(removed))) continue
    const left = manager.set.difference(changed).difference(removed)
    if (left.empty) managers.delete(id)
    else managers.set(id, { ...manager, set: left })
  }
}

/**
 * Ownership after a create, update or patch: the writer owns what it changed. Where nothing is known of an object's owners
 * nothing is recorded, but for a new object. Reference: managedfields.FieldManager.Update.
 */
export function trackUpdate(
  schema: StructSchema,
  before: JsonObject,
  after: JsonObject,
  managers: Managers,
  writer: WriterIdentity,
  ignored: FieldSet,
): Managers {
  const out = new Map(managers)
  const { added, modified, removed } = compare(schema, before, after)
  const changed = added.union(modified).recursiveDifference(ignored).difference(unmanaged)
  const { time, ...identity } = writer
  const self = managerIdentity({ ...identity, operation: 'Update' })
  const own = out.get(self)?.set ?? new FieldSet()
  const gone = removed.recursiveDifference(ignored)
  transfer(out, null, changed, gone)
  for (const [id, manager] of out) if (manager.set.empty) out.delete(id)
  if (changed.empty) return out
  out.set(self, { ...identity, operation: 'Update', time, set: own.difference(gone).union(changed) })
  return capUpdaters(out)
}

export interface ApplyOptions {
  force: boolean
  ignored: FieldSet
  /** What an object has that nobody has written to: the zero value of its type. */
  zero: JsonObject
}

export interface ApplyResult {
  /** Merged, not decoded; null where the configuration changes nothing. */
  object: JsonObject | null
  managers: Managers
}

/**
 * Server-side apply of `config` onto `live`. Reference: structured-merge-diff merge.Updater.Apply.
 * @throws ApiError 409 naming every field that another manager owns, unless `force`.
 * @throws TypedValueError for a configuration that does not fit the schema.
 */
export function applyConfiguration(
  schema: StructSchema,
  live: JsonObject,
  config: JsonObject,
  known: Managers,
  writer: WriterIdentity,
  options: ApplyOptions,
): ApplyResult {
  checkTyped(schema, config)
  const managers = known.size > 0 ? known : ownedBefore(schema, live, writer, options)
  const first = applied(schema, live, config, managers, writer, options)
  if (options.force || first.conflicts.length === 0) return first
  throw refuse(first.conflicts)
}

/** An object whose owners were not recorded belongs to one that came before. */
function ownedBefore(schema: StructSchema, live: JsonObject, writer: WriterIdentity, options: ApplyOptions): Managers {
  const before = { ...writer, manager: 'before-first-apply' }
  return trackUpdate(schema, options.zero, live, new Map(), before, options.ignored)
}

function applied(
  schema: StructSchema,
  live: JsonObject,
  config: JsonObject,
  managers: Managers,
  writer: WriterIdentity,
  { ignored }: ApplyOptions,
): ApplyResult & { conflicts: Conflict[] } {
  const { time, ...identity } = writer
  const self = managerIdentity({ ...identity, operation: 'Apply' })
  const set = toFieldSet(schema, config).recursiveDifference(ignored)
  const previous = managers.get(self)
  const out: Managers = new Map(managers)
  out.set(self, { ...identity, operation: 'Apply', set })
  const merged = merge(schema, live, config)
  const abandons = previous !== undefined && !previous.set.difference(set).empty
  const object = abandons ? (prune(schema, merged, previous.set, ownedBy(out)) as JsonObject) : (merged as JsonObject)

  const { added, modified, removed } = compare(schema, live, object)
  const changed = added.union(modified).recursiveDifference(ignored)
  const conflicts = conflictsOf(out, self, changed)
  transfer(out, self, changed, removed.recursiveDifference(ignored))
  const same = isDeepStrictEqual(live, object)
  // A write that changes nothing does not count as one: the time stays, if there was any.
  const at = same ? previous?.time : time
  const left = set.difference(unmanaged)
  out.delete(self)
  if (!left.empty)
    out.set(self, { ...identity, operation: 'Apply', set: left, ...(at === undefined ? {} : { time: at }) })
  return { object: same ? null : object, managers: out, conflicts }
}

function ownedBy(managers: Managers): FieldSet {
  return [...managers.values()].reduce((sum, manager) => sum.union(manager.set), new FieldSet())
}
