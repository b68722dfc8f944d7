import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import type { Json, KubernetesObject } from '../../types/objects.ts'
import { allResourceTypes } from '../../types/resources.ts'
import { readAs } from './ignored.ts'

/** What a real cluster answered, as the README of test-data/recordings describes it. */
export interface Recording {
  scenario: string
  namespace?: string | undefined
  exchanges: Exchange[]
  watch: Record<string, WatchedEvent[]>
  final: Record<string, KubernetesObject[]>
}

export interface Exchange {
  /** Milliseconds since the scenario began; absent where nothing was waited for. */
  atMs?: number | undefined
  request: { method: string; path: string; contentType?: string | undefined; body?: Json }
  response: { status: number; contentType?: string | undefined; body?: Json }
}

export interface WatchedEvent {
  atMs: number
  type: string
  object: KubernetesObject
}

const object = z.custom<KubernetesObject>(
  (value) => z.object({ kind: z.string(), metadata: z.object({ name: z.string() }) }).safeParse(value).success,
)
/** An object of a list, which says its kind once for all. */
const item = z.custom<KubernetesObject>(
  (value) => z.object({ metadata: z.object({ name: z.string() }) }).safeParse(value).success,
)
const json = z.custom<Json>(() => true)

const schema = z.object({
  scenario: z.string().optional(),
  namespace: z.string().optional(),
  exchanges: z
    .array(
      z.object({
        atMs: z.number().optional(),
        request: z.object({
          method: z.string(),
          path: z.string(),
          contentType: z.string().optional(),
          body: json.optional(),
        }),
        response: z.object({ status: z.number(), contentType: z.string().optional(), body: json.optional() }),
      }),
    )
    .default([]),
  watch: z.record(z.string(), z.array(z.object({ atMs: z.number(), type: z.string(), object }))).default({}),
  final: z.record(z.string(), z.array(item)).default({}),
})

/** @throws Error naming the file, where it has not the shape of a recording. */
export function readRecording(file: string): Recording {
  const parsed = schema.safeParse(readText(readFileSync(file, 'utf8')))
  if (!parsed.success) throw new Error(`${file} is not a recording: ${z.prettifyError(parsed.error)}`)
  const { watch, scenario = basename(file, '.json') } = parsed.data
  const final = Object.entries(parsed.data.final).map(([resource, items]) => {
    const { apiVersion, kind } = typeOf(resource, watch[resource] ?? [])
    return [resource, items.map((one) => ({ ...one, apiVersion, kind }))]
  })
  return { ...parsed.data, scenario, final: Object.fromEntries(final) }
}

/** The text without what is of the recorded machine alone. */
function readText(text: string): unknown {
  let plain = JSON.stringify(JSON.parse(text))
  for (const [part, as] of readAs) plain = plain.replaceAll(`${part},`, as).replaceAll(part, as)
  return JSON.parse(plain)
}

function typeOf(resource: string, events: readonly WatchedEvent[]): { apiVersion: string; kind: string } {
  const known = events[0]?.object ?? allResourceTypes.find(({ plural }) => plural === resource)
  return { apiVersion: known?.apiVersion ?? '', kind: known?.kind ?? '' }
}

const recordingsDir = join(import.meta.dirname, '../../../../../test-data/recordings')

/** The files of the folder, by name. */
export function recordingFiles(dir = recordingsDir): string[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(dir, name))
}

/** All objects that a recording shows in whole, as they came. */
export function objectsOf(recording: Recording): KubernetesObject[] {
  const answered = recording.exchanges
    .flatMap(({ response }): unknown[] => [response.body, ...rowObjects(response.body)])
    .filter(isObject)
  return [
    ...Object.values(recording.watch)
      .flat()
      .sort((a, b) => a.atMs - b.atMs)
      .map((event) => event.object),
    ...Object.values(recording.final).flat(),
    ...answered,
  ]
}

export function isObject(value: unknown): value is KubernetesObject {
  return object.safeParse(value).success
}

/** The objects of a Table's rows. */
export function rowObjects(body: unknown): KubernetesObject[] {
  const rows: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'rows') : undefined
  if (!Array.isArray(rows)) return []
  return rows.map((row): unknown => Reflect.get(row, 'object')).filter(isObject)
}

/** Whether the recording kept managedFields, which most leave out. */
export function keepsManagedFields(recording: Recording): boolean {
  return objectsOf(recording).some(({ metadata }) => metadata.managedFields !== undefined)
}

/** How long the recording took. */
export function lengthMs(recording: Recording): number {
  const times = [...recording.exchanges, ...Object.values(recording.watch).flat()].map(({ atMs = 0 }) => atMs)
  return Math.max(0, ...times)
}

const LONG_MS = 60_000

/** Whether a file's recording took minutes. */
export const isLong = (file: string): boolean => lengthMs(readRecording(file)) > LONG_MS
