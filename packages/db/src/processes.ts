import { DEFAULT_SCALE, type ProcessDefinition, type ProcessScale, processDefinitionSchema } from '@slipway/domain'
import { z } from 'zod'
import type { AppProcess } from './generated/client.ts'
import type { Transaction } from './transaction.ts'

const definitionsSchema = z.array(processDefinitionSchema)

/** The processes of a release or build row. */
export function readProcesses(json: unknown): ProcessDefinition[] {
  return definitionsSchema.parse(json)
}

/** Scale of the app's processes by name. */
export function scalesOf(
  rows: readonly Pick<AppProcess, 'name' | 'instances' | 'cpuMillis' | 'memoryMiB'>[],
): Map<string, ProcessScale> {
  return new Map(rows.map(({ name, instances, cpuMillis, memoryMiB }) => [name, { instances, cpuMillis, memoryMiB }]))
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
