import { isRouted, MAX_PROCESSES, type ProcessesFile, withProcessesFile } from '@slipway/domain'
import { BuildFailure } from './failure.ts'
import type { BuiltProcess } from './procfile.ts'
import type { ImageProcess } from './strategies/strategy.ts'

const WITHOUT_COMMAND = 'Give it a command in slipway.yaml, or a line in the Procfile, and push again.'

/**
 * What stands for the Procfile while a language is built: with a web process whose command slipway.yaml gives, nothing has to be
 * found out of how the app starts. Null where that is still to be done.
 */
export function startsIn(file: ProcessesFile, procfile: readonly BuiltProcess[] | null): BuiltProcess[] | null {
  const isTold = withProcessesFile([], file).some((process) => isRouted(process) && process.command !== null)
  return procfile === null && !isTold ? null : commanded(withProcessesFile(procfile ?? [], file))
}

const commanded = (processes: readonly ImageProcess[]): BuiltProcess[] =>
  processes.flatMap(({ command, ...process }) => (command === null ? [] : [{ ...process, command }]))

/** What was found, with what slipway.yaml says instead. @throws BuildFailure for a process that has no command */
export function startedBy(found: readonly BuiltProcess[], file: ProcessesFile): BuiltProcess[] {
  const processes = withProcessesFile(found, file)
  checkCount(processes)
  const silent = processes.find(({ command }) => command === null)
  if (silent)
    throw new BuildFailure(`slipway.yaml names the process ${silent.name}, but not its command.`, WITHOUT_COMMAND)
  return commanded(processes)
}

/**
 * What a build reports of its processes: no command that slipway.yaml gives, which the platform has read itself. A termination message
 * holds little.
 */
export function reported(found: readonly ImageProcess[], file: ProcessesFile): ImageProcess[] {
  const processes = withProcessesFile(found, file)
  checkCount(processes)
  return processes.map((process) =>
    file[process.name]?.command === undefined ? process : { ...process, command: null },
  )
}

function checkCount({ length }: readonly unknown[]): void {
  if (length <= MAX_PROCESSES) return
  throw new BuildFailure(
    `The Procfile and slipway.yaml name ${length} processes together, and an app has at most ${MAX_PROCESSES}.`,
    'Leave some out, and push again.',
  )
}
