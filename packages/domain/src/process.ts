import { z } from 'zod'
import { slugSchema } from './names.ts'
import { PROCESS_KINDS, type ProcessKind, surgeInstances } from './process-kind.ts'
import { processOptionsSchema } from './process-options.ts'
import type { Resources } from './quota.ts'

/** The port that every routed process is told to listen on, by the environment variable PORT. */
export const WEB_PORT = 8080

/** A web process has this long to listen on PORT before it is started again, in seconds. */
export const START_TIMEOUT_SECONDS = 120
export const startTimeoutSchema = z
  .number('Enter seconds, such as 180.')
  .int('Use whole seconds.')
  .min(10, 'Give it at least 10 seconds.')
  .max(1800, 'Give it at most 1800 seconds.')

/** Small, so that a laptop runs a dozen apps and still has room to build: CPU bursts far beyond it while there is any. */
export const DEFAULT_SIZE = { cpuMillis: 100, memoryMiB: 256 } as const
const MAX_INSTANCES = 100

/**
 * What a release says of one process: how it is started. `command` is the argv; null leaves the image's own
 * ENTRYPOINT and CMD. Size and count are the app's, not the release's, so that a rollback keeps the scale.
 */
export const processDefinitionSchema = z.object({
  name: slugSchema,
  kind: z.enum(PROCESS_KINDS),
  command: z.array(z.string().max(8192)).min(1).max(64).nullable(),
  /** Of a web process, where it is not the default. */
  startTimeoutSeconds: startTimeoutSchema.optional(),
  ...processOptionsSchema.shape,
})
export type ProcessDefinition = z.infer<typeof processDefinitionSchema>

/** What a process can be scaled to: count, millicores, MiB. */
export const SCALE_BOUNDS = {
  instances: { min: 0, max: MAX_INSTANCES },
  cpuMillis: { min: 10, max: 64_000 },
  memoryMiB: { min: 16, max: 262_144 },
} as const

const bounded = ({ min, max }: { min: number; max: number }) => z.number().int().min(min).max(max)

/** How long a command that runs once may take, in seconds. */
export const RUN_TIMEOUT_SECONDS = { min: 10, max: 86_400, usual: 3600 } as const

/** How long the command of a release may take, in seconds: as on Heroku. */
export const RELEASE_TIMEOUT_SECONDS = 3600

/** How much of one process an app runs now. */
export const processScaleSchema = z.object({
  instances: bounded(SCALE_BOUNDS.instances),
  cpuMillis: bounded(SCALE_BOUNDS.cpuMillis),
  memoryMiB: bounded(SCALE_BOUNDS.memoryMiB),
})
export type ProcessScale = z.infer<typeof processScaleSchema>

/** What a process reserves at rest. */
export function reservedBy(scale: ProcessScale): Resources {
  return {
    cpuMillis: scale.cpuMillis * scale.instances,
    memoryMiB: scale.memoryMiB * scale.instances,
    instances: scale.instances,
  }
}

/** What one process needs beyond its reservation while it rolls: the surge instances of its kind, none when it runs none. */
export function surgeOf(scale: ProcessScale & { kind: ProcessKind }): Resources {
  const count = scale.instances > 0 ? surgeInstances(scale.kind) : 0
  return { cpuMillis: scale.cpuMillis * count, memoryMiB: scale.memoryMiB * count, instances: count }
}
