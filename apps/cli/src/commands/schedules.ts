import {
  AppError,
  type AppRef,
  type AppView,
  nextRule,
  type ProcessView,
  ruleTime,
  type ScaleRule,
  scalingSentence,
} from '@slipway/domain'
import type { Command } from 'commander'
import { answer, type Io, paint, say, table } from '../io.ts'
import { parseScale } from '../parse.ts'
import { type Runtime, type Session, withApp } from '../runtime.ts'

const HELP = `
A schedule sets the count of a process at times of your choice: up for the peak, down for the trough. Saving it puts the rule
in force into effect at once. A count that you set by hand stays until the next rule comes.

Examples:
  slipway schedules add web=5 --at "0 8 * * 1-5" --time-zone Europe/Berlin
  slipway schedules add web=1 --at "0 20 * * 1-5" --time-zone Europe/Berlin
  slipway schedules remove web --at "0 20 * * 1-5"`

interface At {
  at: string
  timeZone?: string
}

/** Who decides over a process's count, and why its schedule is not followed. */
export function showScaling(io: Io, process: ProcessView, nowMs: number): void {
  say(io, `  ${scalingSentence(process, nowMs)}`)
  if (process.scaleProblem !== null) say(io, paint(io, 'yellow', `  ${process.scaleProblem}`))
}

function showSchedules(io: Io, { processes }: AppView, nowMs: number): void {
  const scheduled = processes.filter(({ scaleRules }) => scaleRules.length > 0)
  if (scheduled.length === 0) {
    say(io, 'No schedules. Add a rule with: slipway schedules add web=5 --at "0 8 * * 1-5" --time-zone Europe/Berlin')
  }
  for (const process of scheduled) {
    say(io, paint(io, 'bold', process.name))
    showScaling(io, process, nowMs)
    const rows = process.scaleRules.map((rule) => {
      const next = nextRule([rule], nowMs)
      return [rule.cron, rule.timeZone, String(rule.instances), next === null ? 'never' : ruleTime(next)]
    })
    table(io, ['AT', 'TIME ZONE', 'INSTANCES', 'NEXT'], rows)
  }
}

function processOf(app: AppView, name: string): ProcessView {
  const found = app.processes.find((each) => each.name === name)
  if (found) return found
  const names = app.processes.map((each) => each.name).join(', ')
  throw new AppError('not_found', `${app.ref.app} has no process ${name}. It has: ${names || 'none yet'}.`)
}

const isAt =
  ({ at, timeZone }: At) =>
  (rule: ScaleRule) =>
    rule.cron === at.trim() && (timeZone === undefined || rule.timeZone === timeZone)

/** Saves what `change` makes of the present rules. */
async function change(
  { io, nowMs }: Runtime,
  { api }: Session,
  ref: AppRef,
  process: string,
  edit: (rules: readonly ScaleRule[]) => ScaleRule[],
): Promise<void> {
  const { scaleRules } = processOf(await api.app.get.query(ref), process)
  const app = await api.scaling.setRules.mutate({ ...ref, process, rules: edit(scaleRules) })
  answer(io, processOf(app, process).scaleRules, () => showScaling(io, processOf(app, process), nowMs()))
}

const hereTimeZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone

export function registerSchedules(program: Command, runtime: Runtime): void {
  const { io } = runtime
  const schedules = program.command('schedules').description('Scale processes by the clock').addHelpText('after', HELP)
  schedules
    .command('list', { isDefault: true })
    .description('List the rules of each process and when they come next')
    .action((_options: object, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) => {
        const app = await api.app.get.query(ref)
        if (io.json) {
          const rules = app.processes.flatMap(({ name, scaleRules }) =>
            scaleRules.map((rule) => ({ process: name, ...rule })),
          )
          answer(io, rules, () => undefined)
        } else showSchedules(io, app, runtime.nowMs())
      }),
    )
  schedules
    .command('add <process=number>')
    .description('Have so many instances from a time on; replaces the rule of the same time')
    .requiredOption('--at <cron>', 'minute, hour, day of month, month, day of week, such as "0 8 * * 1-5"')
    .option('--time-zone <name>', 'IANA name such as Europe/Berlin (default: this computer’s)')
    .action((text: string, { at, timeZone = hereTimeZone() }: At, command: Command) => {
      const { name, instances } = parseScale(text)
      if (instances === undefined) {
        throw new AppError('invalid_input', `Say how many instances: ${name}=5.`)
      }
      const rule = { cron: at.trim(), timeZone, instances }
      return withApp(runtime, command, (session, ref) =>
        change(runtime, session, ref, name, (rules) => [
          ...rules.filter((each) => !isAt({ at, timeZone })(each)),
          rule,
        ]),
      )
    })
  schedules
    .command('remove <process>')
    .description('Remove the rule of that time')
    .requiredOption('--at <cron>', 'its cron expression, as "slipway schedules" shows it')
    .option('--time-zone <name>', 'its time zone, where several rules have the expression')
    .action((name: string, options: At, command: Command) =>
      withApp(runtime, command, (session, ref) =>
        change(runtime, session, ref, name, (rules) => {
          const left = rules.filter((rule) => !isAt(options)(rule))
          if (left.length < rules.length) return left
          throw new AppError(
            'not_found',
            `${name} has no rule at "${options.at}". "slipway schedules" shows its rules.`,
          )
        }),
      ),
    )
  schedules
    .command('clear <process>')
    .description('Remove all rules of a process; its count stays as it is')
    .action((name: string, _options: object, command: Command) =>
      withApp(runtime, command, (session, ref) => change(runtime, session, ref, name, () => [])),
    )
}
