import { z } from 'zod'
import { slugSchema } from './names.ts'
import { type ProcessDefinition, processScaleSchema, SCALE_BOUNDS } from './process.ts'
import { defaultKindOf, PROCESS_KINDS } from './process-kind.ts'
import { optionsProblem, processOptionsSchema } from './process-options.ts'
import { parseCpuMillis, parseMemoryMiB } from './quantity.ts'
import { SIZE_NAMES, SIZES, type Size } from './sizes.ts'

const { cpuMillis: cpuBounds, memoryMiB: memoryBounds } = SCALE_BOUNDS

/** Processes of one app at most. */
export const MAX_PROCESSES = 20

const within = (amount: number | null, { min, max }: { min: number; max: number }) =>
  amount !== null && amount >= min && amount <= max

const cpuSchema = z
  .union([z.string().max(20), z.number()])
  .refine(
    (cpu) => within(parseCpuMillis(String(cpu)), cpuBounds),
    `Give CPU as millicores (500m) or cores (0.5), ${cpuBounds.min}m to ${cpuBounds.max / 1000}.`,
  )
const memorySchema = z
  .string('Give memory with its unit, such as 512Mi or 1Gi.')
  .max(20)
  .refine((memory) => within(parseMemoryMiB(memory), memoryBounds), 'Give memory such as 512Mi or 1Gi, 16Mi to 256Gi.')

/** A size by its name, or one of one's own. */
export const sizeSchema = z.union(
  [z.enum(SIZE_NAMES), z.strictObject({ cpu: cpuSchema, memory: memorySchema })],
  `Use ${SIZE_NAMES.slice(0, -1).join(', ')} or ${SIZE_NAMES.at(-1)}, or name both cpu and memory, such as {cpu: 500m, memory: 512Mi}.`,
)

const COMMAND_WORDS = 'Give a shell line, or a list of words that is run without a shell.'
const commandSchema = z.union(
  [z.string().trim().min(1, COMMAND_WORDS).max(8192), z.array(z.string().max(8192)).min(1, COMMAND_WORDS).max(64)],
  COMMAND_WORDS,
)

/** One process of slipway.yaml. */
export const processFileSchema = z.strictObject({
  command: commandSchema
    .optional()
    .describe('A shell line, or a list of words that is run without a shell. Default: the line of the Procfile.'),
  kind: z
    .enum(PROCESS_KINDS, `Use ${PROCESS_KINDS.join(' or ')}.`)
    .optional()
    .describe('How it runs. Default: web and release for the processes of these names, worker for others.'),
  size: sizeSchema.optional().describe('CPU and memory of each instance. Set by every build.'),
  instances: processScaleSchema.shape.instances
    .optional()
    .describe('How many run when the process is new. From then on the scale is the app’s.'),
  ...processOptionsSchema.shape,
})
export type ProcessFile = z.infer<typeof processFileSchema>

/** The `processes:` part of slipway.yaml, by name. */
export const processesFileSchema = z
  .record(slugSchema, processFileSchema)
  .refine((processes) => Object.keys(processes).length <= MAX_PROCESSES, `Name at most ${MAX_PROCESSES} processes.`)
  .superRefine((processes, context) => {
    for (const [name, process] of Object.entries(processes)) {
      const problem = optionsProblem(process.kind ?? defaultKindOf(name), process)
      if (problem) context.addIssue({ code: 'custom', message: problem.message, path: [name, problem.key] })
    }
  })
export type ProcessesFile = z.infer<typeof processesFileSchema>

/** A process as a build finds it. */
type BuiltProcess = Pick<ProcessDefinition, 'name' | 'kind' | 'command'>

function argvOf(command: NonNullable<ProcessFile['command']>): string[] {
  return typeof command === 'string' ? ['sh', '-c', command] : command
}

/**
 * What a build found, with what slipway.yaml says instead: its keys win by process, and a process that only the file names is added.
 * Doing it again changes nothing.
 */
export function withProcessesFile(found: readonly BuiltProcess[], file: ProcessesFile = {}): BuiltProcess[] {
  const known = found.map((process) => merged(process, file[process.name] ?? {}))
  const added = Object.entries(file)
    .filter(([name]) => !found.some((process) => process.name === name))
    .map(([name, said]) => merged({ name, kind: defaultKindOf(name), command: null }, said))
  return [...known, ...added]
}

function merged(found: BuiltProcess, { command, kind }: ProcessFile): BuiltProcess {
  return {
    ...found,
    kind: kind ?? found.kind,
    command: command === undefined ? found.command : argvOf(command),
  }
}

/** The size that slipway.yaml gives a process; null where it gives none. */
export function sizeInFile({ size }: ProcessFile): Size | null {
  if (size === undefined) return null
  if (typeof size === 'string') return SIZES[size]
  const [cpuMillis, memoryMiB] = [parseCpuMillis(String(size.cpu)), parseMemoryMiB(size.memory)]
  return cpuMillis === null || memoryMiB === null ? null : { cpuMillis, memoryMiB }
}
