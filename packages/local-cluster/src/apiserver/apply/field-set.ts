import type { Json, JsonObject } from '../../types/objects.ts'

/**
 * A set of fields of an object, as managedFields keeps it (FieldsV1).
 * Path elements are FieldsV1's: `f:name` a field, `k:{"name":"app"}` an element of a map list, `v:"x"` a member of a set.
 * Reference: sigs.k8s.io/structured-merge-diff/fieldpath.Set.
 */
export class FieldSet {
  /** Paths that end here. */
  readonly members = new Set<string>()
  readonly children = new Map<string, FieldSet>()

  insert(path: readonly string[]): void {
    const [first, ...rest] = path
    if (first === undefined) return
    if (rest.length === 0) {
      this.members.add(first)
      return
    }
    let child = this.children.get(first)
    if (child === undefined) {
      child = new FieldSet()
      this.children.set(first, child)
    }
    child.insert(rest)
  }

  get empty(): boolean {
    return this.members.size === 0 && [...this.children.values()].every((child) => child.empty)
  }

  has(path: readonly string[]): boolean {
    const [first, ...rest] = path
    if (first === undefined) return false
    return rest.length === 0 ? this.members.has(first) : (this.children.get(first)?.has(rest) ?? false)
  }

  /** True where a path is in both. */
  overlaps(other: FieldSet): boolean {
    for (const member of other.members) if (this.members.has(member)) return true
    for (const [key, theirs] of other.children) if (this.children.get(key)?.overlaps(theirs) === true) return true
    return false
  }

  union(other: FieldSet): FieldSet {
    const out = new FieldSet()
    for (const member of [...this.members, ...other.members]) out.members.add(member)
    for (const key of new Set([...this.children.keys(), ...other.children.keys()])) {
      const [mine, theirs] = [this.children.get(key), other.children.get(key)]
      const child = mine !== undefined && theirs !== undefined ? mine.union(theirs) : (mine ?? theirs)
      if (child !== undefined && !child.empty) out.children.set(key, child)
    }
    return out
  }

  difference(other: FieldSet): FieldSet {
    return this.#filter(
      other,
      (member) => !other.members.has(member),
      (child, theirs) => (theirs === undefined ? child : child.difference(theirs)),
    )
  }

  intersection(other: FieldSet): FieldSet {
    return this.#filter(
      other,
      (member) => other.members.has(member),
      (child, theirs) => (theirs === undefined ? new FieldSet() : child.intersection(theirs)),
    )
  }

  /** Without the members of `other` and everything below them. */
  recursiveDifference(other: FieldSet): FieldSet {
    return this.#filter(
      other,
      (member) => !other.members.has(member),
      (child, theirs, key) => {
        if (other.members.has(key)) return new FieldSet()
        return theirs === undefined ? child : child.recursiveDifference(theirs)
      },
    )
  }

  equals(other: FieldSet): boolean {
    return this.difference(other).empty && other.difference(this).empty
  }

  /** Every path of the set: at each level those that end there, then what lies below. */
  *paths(prefix: readonly string[] = []): Generator<string[]> {
    for (const key of [...this.members].sort(compareElements)) yield [...prefix, key]
    for (const [key, child] of [...this.children].sort(([a], [b]) => compareElements(a, b))) {
      yield* child.paths([...prefix, key])
    }
  }

  #filter(
    other: FieldSet,
    keepMember: (member: string) => boolean,
    keepChild: (child: FieldSet, theirs: FieldSet | undefined, key: string) => FieldSet,
  ): FieldSet {
    const out = new FieldSet()
    for (const member of this.members) if (keepMember(member)) out.members.add(member)
    for (const [key, child] of this.children) {
      const kept = keepChild(child, other.children.get(key), key)
      if (!kept.empty) out.children.set(key, kept)
    }
    return out
  }

  toFieldsV1(): JsonObject {
    const out: JsonObject = {}
    for (const key of [...new Set([...this.members, ...this.children.keys()])].sort()) {
      const child = this.children.get(key)
      const below = child === undefined || child.empty ? {} : child.toFieldsV1()
      out[key] = this.members.has(key) && Object.keys(below).length > 0 ? { '.': {}, ...below } : below
    }
    return out
  }

  /** Reads FieldsV1; what is not in its syntax is left out. */
  static fromFieldsV1(fields: Json): FieldSet {
    const out = new FieldSet()
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return out
    for (const [key, below] of Object.entries(fields)) {
      if (!/^[fkvi]:/.test(key)) continue
      const entries = typeof below === 'object' && below !== null && !Array.isArray(below) ? below : {}
      if (Object.keys(entries).length === 0 || '.' in entries) out.members.add(key)
      const child = FieldSet.fromFieldsV1(entries)
      if (!child.empty) out.children.set(key, child)
    }
    return out
  }
}

/** `.spec.ports[port=80,protocol="TCP"].name`: how a path is written in conflict messages. */
export function pathText(path: readonly string[]): string {
  return path.map(elementText).join('')
}

/** One element of a path, as `pathText` writes it. */
export function elementText(element: string): string {
  const text = element.slice(2)
  if (element.startsWith('f:')) return `.${text}`
  if (element.startsWith('v:')) return `[=${text}]`
  if (element.startsWith('i:')) return `[${text}]`
  const key: unknown = JSON.parse(text)
  if (typeof key !== 'object' || key === null) return `[${text}]`
  const pairs = Object.entries(key).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return `[${pairs.sort().join(',')}]`
}

const elementKinds = 'fkvi'

/** Fields by name, then members of lists by their keys: numbers by size, not by their digits. */
function compareElements(a: string, b: string): number {
  const kind = elementKinds.indexOf(a[0] ?? '') - elementKinds.indexOf(b[0] ?? '')
  if (kind !== 0 || a === b) return kind
  if (a.startsWith('f:')) return a < b ? -1 : 1
  const numeric = { numeric: true, sensitivity: 'variant' } as const
  return a.localeCompare(b, 'en', numeric)
}
