import { z } from 'zod'
import { processScaleSchema, RUN_TIMEOUT_SECONDS } from '../process.ts'
import { appRefSchema } from '../refs.ts'
import { RUN_MODES } from '../run-mode.ts'

const commandSchema = z.array(z.string().max(8192)).min(1, 'Say which command to run.').max(200)

/** run.start: an argv, in the image of the current release; the size is that of its first process where it is not given. */
export const startRunInput = appRefSchema.extend({
  command: commandSchema,
  mode: z.enum(RUN_MODES).default('output'),
  cpuMillis: processScaleSchema.shape.cpuMillis.optional(),
  memoryMiB: processScaleSchema.shape.memoryMiB.optional(),
  timeoutSeconds: z
    .number()
    .int()
    .min(RUN_TIMEOUT_SECONDS.min)
    .max(RUN_TIMEOUT_SECONDS.max)
    .default(RUN_TIMEOUT_SECONDS.usual),
})
/** run.get, run.stop */
export const runInput = appRefSchema.extend({ run: z.uuid() })
const lastEventId = z.string().max(200).nullish()
/** live.run: from the beginning, or from where a client was cut. */
export const followRunInput = runInput.extend({ lastEventId })

const terminalSizeSchema = z.object({
  columns: z.number().int().min(1).max(1000),
  rows: z.number().int().min(1).max(1000),
})
export type TerminalSize = z.infer<typeof terminalSizeSchema>

/** live.runTerminal */
export const followRunTerminalInput = runInput.extend({ size: terminalSizeSchema.optional(), lastEventId })

/** Bytes of input in one call, at most. */
export const TERMINAL_INPUT_BYTES = 64 * 1024

/** run.send, exec.send: what is typed into a session of a terminal, and its size. */
const sendShape = {
  /** Of the events of the terminal: input for another one is refused, because nobody knows how much of it has arrived. */
  session: z.uuid(),
  input: z
    .object({
      /** Made up by the sender. */
      writer: z.uuid(),
      /** Bytes that this writer has sent in this session before: what comes twice is taken once. */
      at: z.number().int().min(0),
      /** Base64. */
      data: z.base64().max(Math.ceil(TERMINAL_INPUT_BYTES / 3) * 4),
      /** Nothing comes after it. */
      end: z.boolean().default(false),
    })
    .optional(),
  size: terminalSizeSchema.optional(),
}
export const sendToRunInput = runInput.extend(sendShape)

/** exec.stop */
export const execInput = appRefSchema.extend({ exec: z.uuid() })
export const sendToExecInput = execInput.extend(sendShape)

/** live.exec: starts a command in a running instance, or goes on with the one of this id. */
export const followExecInput = execInput.extend({
  /** Name of an instance, or of a process; absent: the first ready instance. */
  instance: z.string().max(253).optional(),
  command: commandSchema,
  /** With a terminal; otherwise its streams are as they are. */
  terminal: z.boolean().default(true),
  size: terminalSizeSchema.optional(),
  lastEventId,
})

/** Mutations that belong to a terminal, and go over the WebSocket that its events come by: the terminal is in the process at its other end. */
const SOCKET_CALLS: readonly string[] = ['run.send', 'exec.send', 'exec.stop']
export const goesOverSocket = ({ type, path }: { type: string; path: string }): boolean =>
  type === 'subscription' || SOCKET_CALLS.includes(path)
