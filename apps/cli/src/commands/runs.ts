import { plainLine, type RunView } from '@slipway/domain'
import type { Command } from 'commander'
import { answer, type Io, note, paint, say, table } from '../io.ts'
import { type Runtime, withApp } from '../runtime.ts'
import { ago } from '../time.ts'
import type { Exit } from './deploy.ts'
import { attach, report } from './run.ts'

const SHOWN = 50

function endOf(io: Io, { endedAt, stopped, exitCode, failure }: RunView): string {
  if (endedAt === null) return paint(io, 'blue', stopped ? 'Stopping' : 'Running')
  if (exitCode === 0) return paint(io, 'green', 'Exit code 0')
  return paint(io, 'red', exitCode === null ? (failure ?? 'Ended') : `Exit code ${exitCode}`)
}

function listRuns(io: Io, runs: readonly RunView[], nowMs: number): void {
  if (runs.length === 0) {
    say(io, 'No command has run yet. Try: slipway run -- bash')
    return
  }
  const rows = runs.map((run) => [
    run.id,
    endOf(io, run),
    plainLine(run.command.join(' ')).slice(0, 60),
    run.mode === 'terminal' ? 'yes' : 'no',
    run.by,
    `v${run.release}`,
    ago(run.createdAt, nowMs),
  ])
  table(io, ['ID', 'STATE', 'COMMAND', 'TERMINAL', 'WHO', 'RELEASE', 'WHEN'], rows)
}

/** One-off commands that run, and those that ended lately. */
export function registerRuns(program: Command, runtime: Runtime, exit: Exit): void {
  const { io } = runtime
  const runs = program.command('runs').description('One-off commands: list, attach to and stop them')
  runs
    .command('list', { isDefault: true })
    .description('List the commands that run, and those that ended lately')
    .action((_options: unknown, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) => {
        const { items } = await api.run.list.query({ ...ref, limit: SHOWN })
        answer(io, items, () => listRuns(io, items, runtime.nowMs()))
      }),
    )
  runs
    .command('attach')
    .description('Come back to a command that you started in a terminal')
    .argument('<id>', 'as "slipway runs" lists it')
    .action((id: string, _options: unknown, command: Command) =>
      withApp(runtime, command, async (session, ref) => {
        const run = await session.api.run.get.query({ ...ref, run: id })
        report(runtime, await attach(runtime, session, ref, run), exit)
      }),
    )
  runs
    .command('stop')
    .description('End a command: SIGTERM, and SIGKILL ten seconds later')
    .argument('<id>', 'as "slipway runs" lists it')
    .action((id: string, _options: unknown, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) =>
        answer(io, await api.run.stop.mutate({ ...ref, run: id }), () => note(io, 'The command is being stopped.')),
      ),
    )
}
