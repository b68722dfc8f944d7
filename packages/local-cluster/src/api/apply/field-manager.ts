import type { StructSchema } from '../../schema/schema.ts'
import { ApiError } from '../errors.ts'
import type { Json, JsonObject } from '../objects.ts'
import { compare } from './compare.ts'
import { FieldSet, pathText } from './field-set.ts'
import { type Manager, type Managers, managerIdentity, managerText } from './managers.ts'
import { merge, removeFields, toFieldSet } from './typed.ts'

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
export function ignoredFields(subresource: string | undefined, hasStatus: boolean): FieldSet {
  const set = new FieldSet()
  if (subresource === 'status') set.insert(['f:spec'])
  else if (hasStatus) set.insert(['f:status'])
  return set
}

/** Fields that changed hands: everybody else loses what is written, and what is gone is nobody's. */
function transfer(managers: Managers, self: string, changed: FieldSet, removed: FieldSet): void {
  for (const [id, manager] of managers) {
    if (!manager.set.overlaps(removed) && (id === self || !manager.set.overlaps(changed))) continue
    const left = (id === self ? manager.set : manager.set.difference(changed)).difference(removed)
    if (left.empty) managers.delete(id)
    else if (!left.equals(manager.set)) managers.set(id, { ...manager, set: left })
  }
}

/**
 * Ownership after a create, update or patch: the writer owns what it changed.
 * Reference: managedfields.FieldManager.Update.
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
  transfer(out, self, changed, removed.recursiveDifference(ignored))
  if (changed.empty) return out
  const set = (out.get(self)?.set ?? new FieldSet()).union(changed)
  out.set(self, { ...identity, operation: 'Update', time, set })
  return out
}

export interface ApplyResult {
  object: JsonObject
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
  managers: Managers,
  writer: WriterIdentity,
  options: { force: boolean; ignored: FieldSet },
): ApplyResult {
  const { time, ...identity } = writer
  const self = managerIdentity({ ...identity, operation: 'Apply' })
  const set = toFieldSet(schema, config).recursiveDifference(options.ignored).difference(unmanaged)
  const previous = managers.get(self)
  const out: Managers = new Map(managers)
  out.set(self, { ...identity, operation: 'Apply', time, set })

  const merged = asObject(merge(schema, live, config))
  const abandoned = previous === undefined ? new FieldSet() : givenUp(previous.set, set, out, self)
  const object = asObject(removeFields(schema, merged, abandoned))

  const { added, modified, removed } = compare(schema, live, object)
  const changed = added.union(modified).recursiveDifference(options.ignored).difference(unmanaged)
  if (!options.force) refuseConflicts(out, self, changed)
  transfer(out, self, changed, removed)
  // A repeated apply keeps the time at which its set of fields last changed.
  const own = out.get(self)
  const nothingNew = changed.empty && removed.empty && previous?.set.equals(set) === true
  if (own !== undefined && nothingNew && previous.time !== undefined) out.set(self, { ...own, time: previous.time })
  return { object, managers: out }
}

/** What the applier owned before, no longer names, and nobody else owns: it is removed from the object. */
function givenUp(before: FieldSet, now: FieldSet, managers: Managers, self: string): FieldSet {
  let gone = before.difference(now)
  for (const [id, manager] of managers) if (id !== self) gone = gone.difference(withParents(manager.set))
  // A container field that is still written below is not gone.
  return gone.difference(withParents(now))
}

/** The set, and every path above a member: removing those would take the member along. */
function withParents(set: FieldSet): FieldSet {
  const out = set.union(new FieldSet())
  for (const [key, child] of set.children) {
    if (child.empty) continue
    out.members.add(key)
    out.children.set(key, withParents(child))
  }
  return out
}

function refuseConflicts(managers: Managers, self: string, changed: FieldSet): void {
  const conflicts: { manager: Manager; path: string }[] = []
  for (const id of [...managers.keys()].sort()) {
    const manager = managers.get(id)
    if (id === self || manager === undefined) continue
    for (const path of manager.set.intersection(changed).paths()) conflicts.push({ manager, path: pathText(path) })
  }
  const [first] = conflicts
  if (first === undefined) return
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${managerText(manager)}`,
    field: path,
  }))
  throw new ApiError(409, 'Conflict', conflictMessage(conflicts), { causes })
}

function conflictMessage(conflicts: { manager: Manager; path: string }[]): string {
  const [first] = conflicts
  if (first !== undefined && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${managerText(first.manager)}: ${first.path}`
  }
  const byManager = Map.groupBy(conflicts, (conflict) => managerText(conflict.manager))
  const lines = [...byManager].flatMap(([name, list]) => [
    `conflicts with ${name}:`,
    ...list.map((conflict) => `- ${conflict.path}`),
  ])
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

function asObject(value: Json): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}
