import { sorted } from '../../types/sorted.ts'
import { differentEachRun, differentEachRunOf, leftOut, leftOutItems } from './ignored.ts'
import type { Names } from './names.ts'

type Tree = { [key: string]: unknown }

const present = compile(differentEachRun)
const absent = compile(leftOut)

/** Dotted paths with wildcards, as one expression. Keys with dots of their own match as they stand. */
function compile(rules: readonly (readonly [path: string, why: string])[]): RegExp {
  const patterns = rules.map(([path]) =>
    path.replaceAll('**.', '\u0000').replaceAll('.', '\\.').replaceAll('*', '[^.]*').replaceAll('\u0000', '(?:.*\\.)?'),
  )
  return new RegExp(`^(?:${patterns.join('|')})$`)
}

/** The value without what the table of exceptions names. */
export function comparable(value: unknown, names: Names, path = '', kind = kindOf(value)): unknown {
  if (typeof value === 'string') return names.plain(value)
  if (Array.isArray(value)) {
    const items = value
      .filter((item) => !isLeftOut(item, path))
      .map((item, at) => comparable(item, names, path === '' ? String(at) : `${path}.${at}`, kind))
    return path.endsWith('managedFields') ? items.sort(byText) : items
  }
  if (typeof value !== 'object' || value === null) return value
  const out: Tree = {}
  for (const [key, child] of Object.entries(value)) {
    const at = path === '' ? key : `${path}.${key}`
    if (absent.test(at) || (key === 'managedFields' && !names.managed)) continue
    if ((present.test(at) || isDifferent(kind, at)) && child !== null) out[key] = '<present>'
    else if (child !== undefined) {
      const plain = comparable(child, names, at, kind)
      const emptied = isTree(plain) && Object.keys(plain).length === 0 && isTree(child) && Object.keys(child).length > 0
      if (!emptied) out[names.plain(key)] = plain
    }
  }
  return out
}

const kindOf = (value: unknown) => (isTree(value) ? String(value.kind ?? '') : '')

const isDifferent = (kind: string, path: string) =>
  differentEachRunOf.some(([ofKind, at]) => ofKind === kind && at === path)

function isLeftOut(item: unknown, path: string): boolean {
  return leftOutItems.some(([where, text]) => path.endsWith(where) && JSON.stringify(item).includes(text))
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}

/** Where two values differ, as `path: wanted …, got …`. */
export function differences(wanted: unknown, got: unknown, path = ''): string[] {
  if (Object.is(wanted, got)) return []
  if (Array.isArray(wanted) && Array.isArray(got)) {
    const length = Math.max(wanted.length, got.length)
    return Array.from({ length }, (_, at) => differences(wanted[at], got[at], `${path}[${at}]`)).flat()
  }
  if (isTree(wanted) && isTree(got)) {
    const keys = new Set([...Object.keys(wanted), ...Object.keys(got)])
    return [...keys].flatMap((key) => differences(wanted[key], got[key], path === '' ? key : `${path}.${key}`))
  }
  return [`${path}: wanted ${brief(wanted)}, got ${brief(got)}`]
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function brief(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 400 ? `${text.slice(0, 400)}…` : text
}

/** Pairs what is alike on both sides, whatever the order; what is left is paired by how little it differs. */
export function unorderedDifferences(label: string, wanted: readonly unknown[], got: readonly unknown[]): string[] {
  const left = got.map((value) => ({ value, text: JSON.stringify(sorted(value)) }))
  const missing = wanted.filter((value) => {
    const at = left.findIndex(({ text }) => text === JSON.stringify(sorted(value)))
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
  const out: string[] = []
  for (const value of missing) {
    const [best] = left
      .map((other) => ({ other, found: differences(value, other.value) }))
      .sort((a, b) => a.found.length - b.found.length)
    if (best === undefined) out.push(`${label}: missing ${brief(value)}`)
    else {
      left.splice(left.indexOf(best.other), 1)
      out.push(...best.found.map((difference) => `${label} ${difference}`))
    }
  }
  return [...out, ...left.map(({ value }) => `${label}: unexpected ${brief(value)}`)]
}
