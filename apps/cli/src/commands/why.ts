import type { Command } from 'commander'
import { describeHealth } from '../health.ts'
import { answer } from '../io.ts'
import { type Runtime, withApp } from '../runtime.ts'

export function registerWhy(program: Command, runtime: Runtime): void {
  const { io } = runtime
  program
    .command('why')
    .description('Say why the app is not live, and which commands help')
    .action((_options: unknown, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) =>
        answer(io, await api.app.get.query(ref), (app) => describeHealth(io, app)),
      ),
    )
}
