import type { Json, KubernetesObject, ManagedFieldsEntry } from '../../types/objects.ts'
import type { Answer } from './client.ts'
import { comparable, differences } from './compare.ts'
import { counts } from './events.ts'
import { onlyCommon } from './ignored.ts'
import type { Names } from './names.ts'
import { type Exchange, isObject } from './recording.ts'

type Tree = { [key: string]: unknown }

/**
 * How an answer differs from the recorded one. Its status may be that of another step of the object's story, where there is one:
 * how far the controllers had come just then is a race, and the order of the steps is compared on its own.
 */
export function answerDifferences(
  { request, response }: Exchange,
  answer: Answer,
  names: { recorded: Names; ours: Names },
  steps: readonly KubernetesObject[] = [],
): string[] {
  const got = plainAnswer(answer, names.ours)
  const compared = (body: Json | undefined) => {
    const wanted = plainAnswer({ ...response, body: body ?? null }, names.recorded)
    const ours = structuredClone(got)
    for (const [field, path] of onlyCommon) {
      if (path.test(request.path.split('?')[0] ?? '')) keepCommon(wanted.body, ours.body, field)
    }
    return differences(wanted, ours)
  }
  const found = compared(response.body)
  if (found.length === 0 || !isObject(response.body)) return found
  const recorded = response.body
  return steps.some((step) => compared(withStatusOf(recorded, step)).length === 0) ? [] : found
}

/** The object with the status of a step, and with who says that he wrote it. */
function withStatusOf(object: KubernetesObject, step: KubernetesObject): Json {
  const isOfStatus = ({ subresource }: ManagedFieldsEntry) => subresource === 'status'
  const { managedFields } = object.metadata
  const managers = [
    ...(managedFields ?? []).filter((entry) => !isOfStatus(entry)),
    ...(step.metadata.managedFields ?? []).filter(isOfStatus),
  ]
  const metadata = { ...object.metadata, ...(managedFields === undefined ? {} : { managedFields: managers }) }
  return JSON.parse(JSON.stringify({ ...object, metadata, status: Reflect.get(step, 'status') }))
}

function plainAnswer(
  { status, contentType, body }: { status: number; contentType?: string | undefined; body?: Json },
  names: Names,
) {
  const plain = comparable(byColumn(body), names)
  return { status, contentType: contentType?.replace(/;\s*/, '; '), body: withSortedRows(plain) }
}

/** A Table whose cells stand under the names of their columns. */
function byColumn(body: Json | undefined): unknown {
  if (!isTree(body) || !Array.isArray(body.columnDefinitions) || !Array.isArray(body.rows)) return body
  const columns = body.columnDefinitions.map((column) => String(Reflect.get(Object(column), 'name')))
  const rows = body.rows.map((row) => {
    const cells: unknown = Reflect.get(Object(row), 'cells')
    const named = Array.isArray(cells) ? columns.map((name, at): [string, unknown] => [name, cells[at]]) : []
    return { ...(row as Tree), cells: Object.fromEntries(named) }
  })
  return { ...body, rows: rows.filter(({ cells }) => isCompared(cells)) }
}

/** False for a row about an event that the table of exceptions leaves out. */
function isCompared({ Reason, Message }: Tree): boolean {
  return Reason === undefined || counts({ reason: String(Reason), message: String(Message) })
}

/** Lists come in the order of names, which are made at random: here in that of their text. */
function withSortedRows(body: unknown): unknown {
  if (!isTree(body)) return body
  const out = { ...body }
  for (const field of ['rows', 'items']) {
    const list = out[field]
    if (Array.isArray(list)) out[field] = [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  }
  return out
}

/** Leaves out what only one side has. */
function keepCommon(wanted: unknown, got: unknown, field: string): void {
  if (!isTree(wanted) || !isTree(got)) return
  const [left, right] = [wanted[field], got[field]]
  if (!Array.isArray(left) || !Array.isArray(right)) return
  const [ours, theirs] = [new Set(right.map(nameOf)), new Set(left.map(nameOf))]
  wanted[field] = left.filter((item) => ours.has(nameOf(item)))
  got[field] = right.filter((item) => theirs.has(nameOf(item)))
}

/** What an entry of a list is called, with its versions where it is an API group. */
function nameOf(item: unknown): string {
  if (!isTree(item)) return String(item)
  const object = isTree(item.object) ? item.object : item
  return String(isTree(object.metadata) ? object.metadata.name : object.name)
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
