import type { AppView } from '@slipway/domain'
import { formatAmount, readyWords, sizeNameOf, stateStatus } from '@slipway/domain'
import type { Command } from 'commander'
import { describeHealth, paintState } from '../health.ts'
import { answer, type Io, paint, say, table } from '../io.ts'
import { type Runtime, withApp } from '../runtime.ts'
import { age } from '../time.ts'
import { showScaling } from './schedules.ts'

export function showProcesses(io: Io, app: AppView, nowMs: number): void {
  describeHealth(io, app)
  for (const process of app.processes) {
    const { name, command, status, state, cpuMillis, memoryMiB } = process
    const named = sizeNameOf(process)
    const amounts = `${formatAmount('cpuMillis', cpuMillis)}, ${formatAmount('memoryMiB', memoryMiB)} each`
    const size = named === null ? amounts : `${named}: ${amounts}`
    say(io)
    say(io, `${paint(io, 'bold', name)}: ${paintState(io, status, state)}, ${readyWords(process)}, ${size}`)
    if (command) say(io, paint(io, 'dim', `  ${command}`))
    if (process.scaleRules.length > 0) showScaling(io, process, nowMs)
    const rows = app.instanceList
      .filter((instance) => instance.process === name)
      .map((instance) => [
        instance.name,
        paintState(io, stateStatus(instance.state), instance.state, instance.reason),
        instance.ready ? 'yes' : 'no',
        `v${instance.release}`,
        String(instance.restarts),
        age(instance.startedAt, nowMs),
      ])
    if (rows.length > 0) table(io, ['INSTANCE', 'STATE', 'READY', 'RELEASE', 'RESTARTS', 'AGE'], rows)
  }
}

export function registerPs(program: Command, runtime: Runtime): void {
  const { io } = runtime
  program
    .command('ps')
    .description('Show the health of the app and its instances')
    .action((_options: unknown, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) =>
        answer(io, await api.app.get.query(ref), (app) => showProcesses(io, app, runtime.nowMs())),
      ),
    )
}
