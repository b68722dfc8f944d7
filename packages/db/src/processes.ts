import {
  firstScaleOf,
  isReplicated,
  isResized,
  type ProcessDefinition,
  type ProcessesFile,
  type ProcessScale,
  processDefinitionSchema,
  type ScaleRule,
  scaleRuleSchema,
  sizeInFile,
} from '@slipway/domain'
import { z } from 'zod'
import type { AppProcess } from './generated/client.ts'
import type { Transaction } from './transaction.ts'

const definitionsSchema = z.array(processDefinitionSchema)

/** The processes of a release or build row. */
export function readProcesses(json: unknown): ProcessDefinition[] {
  return definitionsSchema.parse(json)
}

const rulesSchema = z.array(scaleRuleSchema.extend({ cron: z.string(), timeZone: z.string() }))

/** The schedule in a process's row. Its expressions were checked when it was saved: a newer croner may know better. */
export const readScaleRules = (json: unknown): ScaleRule[] => rulesSchema.parse(json)

/** Scale of the app's processes by name. */
export function scalesOf(
  rows: readonly Pick<AppProcess, 'name' | 'instances' | 'cpuMillis' | 'memoryMiB'>[],
): Map<string, ProcessScale> {
  return new Map(rows.map(({ name, instances, cpuMillis, memoryMiB }) => [name, { instances, cpuMillis, memoryMiB }]))
}

/**
 * The scale that every process of a release is to have: what its row says, with the sizes of the build's slipway.yaml. Counts in the
 * file are of processes that have no row yet.
 */
export function wantedScales(
  scales: ReadonlyMap<string, ProcessScale>,
  definitions: readonly Pick<ProcessDefinition, 'name' | 'kind'>[],
  file: ProcessesFile = {},
): Map<string, ProcessScale> {
  return new Map(
    definitions.map((process) => {
      const { name } = process
      const said = file[name] ?? {}
      const usual = firstScaleOf(process)
      const first = {
        ...usual,
        instances: isReplicated(process) ? (said.instances ?? usual.instances) : usual.instances,
      }
      return [name, { ...(scales.get(name) ?? first), ...sizeInFile(said) }]
    }),
  )
}

/** Gives every process of a release its row, with this scale. */
export async function saveScales(
  tx: Transaction,
  appId: string,
  before: ReadonlyMap<string, ProcessScale>,
  wanted: ReadonlyMap<string, ProcessScale>,
): Promise<void> {
  await tx.appProcess.createMany({
    data: [...wanted].map(([name, scale]) => ({ appId, name, ...scale })),
    skipDuplicates: true,
  })
  for (const [name, scale] of wanted) {
    const known = before.get(name)
    if (known && isResized(known, scale)) {
      await tx.appProcess.update({ where: { appId_name: { appId, name } }, data: scale })
    }
  }
}
