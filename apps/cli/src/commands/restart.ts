import { AppError } from '@slipway/domain'
import type { Command } from 'commander'
import { answer, note, say } from '../io.ts'
import { type Runtime, withApp } from '../runtime.ts'

export function registerRestart(program: Command, runtime: Runtime): void {
  const { io } = runtime
  program
    .command('restart')
    .description('Restart the app or one of its processes, without a new release')
    .argument('[process]', 'process to restart, such as web (default: all)')
    .option('-i, --instance <instance>', 'restart this instance only; another takes its place')
    .action((process: string | undefined, { instance }: { instance?: string }, command: Command) => {
      if (process && instance) throw new AppError('invalid_input', 'Name a process or an instance, not both.')
      return withApp(runtime, command, async ({ api }, ref) =>
        answer(io, await api.app.restart.mutate({ ...ref, process, instance }), () => {
          if (instance) say(io, `${instance} is being restarted: it stops, and another takes its place.`)
          else say(io, `${process ?? ref.app} is being restarted. Each new instance is ready before an old one stops.`)
          note(io, '"slipway ps" shows its progress.')
        }),
      )
    })
}
