import type { ManifestDifference, ReleaseDiffView } from '@slipway/domain'
import type { KubeObject } from '@slipway/manifests'
import { formatPatch, structuredPatch } from 'diff'
import { withMaskedValues, yamlOf } from './manifest-yaml.ts'

/** Together; a page shows no more. */
const MAX_DIFF_BYTES = 512 * 1024
const CONTEXT_LINES = 3
/** Two long documents that have nothing in common: then both are shown whole. */
const MAX_EDITS = 4_000

interface Side {
  release: number
  objects: readonly KubeObject[]
}
interface Pair {
  before: KubeObject | null
  after: KubeObject | null
}

/** What Kubernetes gets of the one release and of the other, object by object. Values of Secrets are masked on both sides. */
export function diffManifests(from: Side, to: Side): ReleaseDiffView['manifests'] {
  const changed = changedValues(from.objects, to.objects)
  const mask = ({ release }: Side) => maskOf(release, changed)
  const differences = pairsOf(from.objects, to.objects)
    .map(({ before, after }) => ({
      before: before && withMaskedValues(before, mask(from)),
      after: after && withMaskedValues(after, mask(to)),
    }))
    .flatMap((pair) => differenceOf(pair, from.release, to.release))
  const objects: ManifestDifference[] = []
  let bytes = 0
  for (const each of differences) {
    bytes += Buffer.byteLength(each.diff)
    if (bytes > MAX_DIFF_BYTES) break
    objects.push(each)
  }
  const left = differences.length - objects.length
  return { objects, note: left === 0 ? null : `${left} more objects differ, too many to show here.` }
}

/** Values that differ are told apart although nobody sees them. */
const maskOf = (release: number, changed: ReadonlySet<string>) => (key: string, value: string) =>
  `•••••• (${value.length} characters${changed.has(key) ? `, as in v${release}` : ''})`

function changedValues(before: readonly KubeObject[], after: readonly KubeObject[]): Set<string> {
  const [old, next] = [valuesOf(before), valuesOf(after)]
  return new Set([...old.keys()].filter((key) => next.has(key) && next.get(key) !== old.get(key)))
}

function valuesOf(objects: readonly KubeObject[]): Map<string, unknown> {
  const secrets = objects.filter(({ kind }) => kind === 'Secret')
  return new Map(secrets.flatMap(({ data }) => Object.entries(Object(data))))
}

/** Objects of one kind and name belong together, and the Secrets, which are called after their releases. */
function pairsOf(before: readonly KubeObject[], after: readonly KubeObject[]): Pair[] {
  const keyOf = ({ kind, metadata }: KubeObject) => (kind === 'Secret' ? kind : `${kind}/${metadata.name}`)
  const old = new Map(before.map((object) => [keyOf(object), object]))
  const next = new Map(after.map((object) => [keyOf(object), object]))
  return [...new Set([...old.keys(), ...next.keys()])].map((key) => ({
    before: old.get(key) ?? null,
    after: next.get(key) ?? null,
  }))
}

function differenceOf({ before, after }: Pair, from: number, to: number): ManifestDifference[] {
  const object = after ?? before
  const [old, next] = [before, after].map((each) => (each === null ? '' : yamlOf(each)))
  if (object === null || old === undefined || next === undefined || old === next) return []
  const { kind, metadata } = object
  const change = before === null ? 'added' : after === null ? 'removed' : 'changed'
  return [{ kind, name: metadata.name, change, diff: unified(old, next, `v${from}`, `v${to}`) }]
}

function unified(before: string, after: string, from: string, to: string): string {
  const options = { context: CONTEXT_LINES, maxEditLength: MAX_EDITS }
  const patch = structuredPatch(from, to, before, after, undefined, undefined, options)
  if (patch === undefined)
    return [...before.split('\n').map((line) => `-${line}`), ...after.split('\n').map((line) => `+${line}`)].join('\n')
  return formatPatch(patch)
    .split('\n')
    .filter((line) => !/^(Index:|=+$)/.test(line))
    .join('\n')
    .trimEnd()
}
