import {
  addResources,
  DEFAULT_SIZE,
  NO_RESOURCES,
  type ProcessDefinition,
  type ProcessScale,
  processDefinitionSchema,
  type Resources,
  reservedBy,
  surgeOf,
} from '@slipway/domain'
import { z } from 'zod'
import type { AppProcess } from './generated/client.ts'
import type { Transaction } from './transaction.ts'

const definitionsSchema = z.array(processDefinitionSchema)

/** The processes of a release or build row. */
export function readProcesses(json: unknown): ProcessDefinition[] {
  return definitionsSchema.parse(json)
}

const DEFAULT_SCALE: ProcessScale = { instances: 1, ...DEFAULT_SIZE }

/** Scale of the app's processes by name. */
export function scalesOf(rows: readonly AppProcess[]): Map<string, ProcessScale> {
  return new Map(rows.map(({ name, instances, cpuMillis, memoryMiB }) => [name, { instances, cpuMillis, memoryMiB }]))
}

/** A process and its scale; one that the app has not run yet starts with one instance of the default size. */
export function scaleOf(scales: ReadonlyMap<string, ProcessScale>, name: string): ProcessScale {
  return scales.get(name) ?? DEFAULT_SCALE
}

/** Gives every process of a release its row; scales that are there stay. */
export async function ensureProcesses(
  tx: Transaction,
  appId: string,
  definitions: readonly ProcessDefinition[],
): Promise<void> {
  await tx.appProcess.createMany({
    data: definitions.map(({ name }) => ({ appId, name, ...DEFAULT_SCALE })),
    skipDuplicates: true,
  })
}

/**
 * What a change of release takes on top of what the app reserves now: processes that are new, and the surge of those that
 * are there before and after, because only these roll. Processes that go give back, but not before the new ones stand.
 */
export function neededForRelease(
  before: readonly ProcessDefinition[],
  after: readonly ProcessDefinition[],
  scales: ReadonlyMap<string, ProcessScale>,
): Resources {
  const names = new Set(before.map(({ name }) => name))
  let needed: Resources = NO_RESOURCES
  for (const { name } of after) {
    const scale = scaleOf(scales, name)
    needed = addResources(needed, names.has(name) ? surgeOf(scale) : reservedBy(scale))
  }
  return needed
}

/**
 * What a change of scale takes on top. A changed size rolls the process: at its widest, old and new instances and the surge
 * stand side by side. A changed count only adds or ends instances.
 */
export function neededForScale(before: ProcessScale, after: ProcessScale): Resources {
  const resized = before.cpuMillis !== after.cpuMillis || before.memoryMiB !== after.memoryMiB
  const old = reservedBy(before)
  const wanted = reservedBy(after)
  const surge = resized && before.instances > 0 ? surgeOf(after) : NO_RESOURCES
  const more = (key: keyof Resources) => Math.max(0, wanted[key] - old[key]) + surge[key]
  if (resized || after.instances > before.instances) {
    return { cpuMillis: more('cpuMillis'), memoryMiB: more('memoryMiB'), instances: more('instances') }
  }
  return NO_RESOURCES
}
