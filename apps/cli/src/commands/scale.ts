import { AppError, SIZE_NAMES, type Size } from '@slipway/domain'
import type { Command } from 'commander'
import { answer } from '../io.ts'
import { collect, parseCpu, parseMemory, parseScale, parseSize } from '../parse.ts'
import { type Runtime, withApp } from '../runtime.ts'
import { showProcesses } from './ps.ts'

interface ScaleOptions {
  size?: Size
  cpu?: number
  memory?: number
}

export function registerScale(program: Command, runtime: Runtime): void {
  const { io } = runtime
  program
    .command('scale')
    .description('Set how many instances of a process run, and how large they are')
    .argument(
      '<process=number...>',
      'such as web=2 worker=1; without a number only the size changes',
      collect(parseScale),
    )
    .option('--size <name>', `size of each instance: ${SIZE_NAMES.join(', ')}`, parseSize)
    .option('--cpu <amount>', 'CPU of each instance, such as 500m or 1', parseCpu)
    .option('--memory <amount>', 'memory of each instance, such as 512Mi or 1Gi', parseMemory)
    .action((wanted: { name: string; instances?: number }[], options: ScaleOptions, command: Command) => {
      const { size, cpu: cpuMillis = size?.cpuMillis, memory: memoryMiB = size?.memoryMiB } = options
      const processes = wanted.map((process) => ({ ...process, cpuMillis, memoryMiB }))
      const idle = processes.find(
        ({ instances, cpuMillis, memoryMiB }) => (instances ?? cpuMillis ?? memoryMiB) === undefined,
      )
      if (idle)
        throw new AppError(
          'invalid_input',
          `Say what to change: ${idle.name}=2, --size small, --cpu 500m or --memory 512Mi.`,
        )
      return withApp(runtime, command, async ({ api }, ref) =>
        answer(io, await api.app.scale.mutate({ ...ref, processes }), (app) => showProcesses(io, app, runtime.nowMs())),
      )
    })
}
